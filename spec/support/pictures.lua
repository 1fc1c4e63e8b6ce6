-- Real pictures, small ones.

local core = require "wxbot.core"

local M = {}

--- One green pixel, a PNG.
M.png = assert(core.base64_decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1Pe"
  .. "AAAADElEQVR4nGMwnpkGAAI1ATMXd8ShAAAAAElFTkSuQmCC"))

--- A picture of so many bytes: what stands behind its end belongs to nobody.
---@param bytes integer
---@return string
function M.png_of(bytes)
  return M.png .. ("\0"):rep(bytes - #M.png)
end

return M
