--- Signatures of pushes: digests in lower-case hex, as the platform writes them.

local core = require "wxbot.core"

local concat, sort, type = table.concat, table.sort, type

local M = {}

--- The sorted parts run together, of which a signature is the SHA-1.
---@return string
function M.sorted(parts)
  sort(parts, core.less)
  return concat(parts)
end

--- The signature over parts, as the platform makes it.
---@param parts string[] sorted here
---@return string hex
function M.of(parts)
  return core.hex_encode(core.sha1(M.sorted(parts)))
end

--- Compares a signature, written in lower-case hex as the platform does, with
-- a digest, in constant time.
---@return boolean
function M.same(hex, digest)
  if type(hex) ~= "string" or #hex ~= 2 * #digest or hex:find("[A-Z]") then
    return false
  end
  local claimed = core.hex_decode(hex)
  return claimed ~= nil and core.equal(claimed, digest)
end

--- What a signature of an official account is over.
---@param context wxbot.receive.Context
---@param query table
---@param extra string|nil what is signed besides time and nonce
---@return string|nil text nil: a part is missing
function M.text(context, query, extra)
  if type(query.timestamp) == "string" and type(query.nonce) == "string" then
    return M.sorted{ context.token, query.timestamp, query.nonce, extra }
  end
end

--- Tells whether a signature is of a text.
---@param claimed any
---@param text string|nil nil: it is not
function M.is_of(claimed, text)
  return text ~= nil and M.same(claimed, core.sha1(text))
end

return M
