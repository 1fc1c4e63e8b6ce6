--- A document of XML as a tree, read by LuaExpat. Refused is all that the
-- platform's documents have no use for: DOCTYPE and entity declarations,
-- encodings other than UTF-8, depth and size beyond the caps.

local texts = require "wxbot.util.text"

local concat, next, require, tostring = table.concat, next, require, tostring

local M = {}

local function refuse(state, parser, message)
  state.refused = state.refused or message
  parser:stop()
end

-- What no message of the platform has, and a trick might.
local function is_odd(name, attributes)
  return #name > 256 or name:find(":", 1, true) or next(attributes) ~= nil
end

local function open_element(state, parser, name, attributes)
  local stack, caps = state.stack, state.caps
  local node, parent = { name = name, text = "" }, stack[#stack]
  state.elements = state.elements + 1
  if #stack >= caps.depth then
    return refuse(state, parser, "nested too deep")
  elseif state.elements > caps.elements then
    return refuse(state, parser, "too many elements")
  elseif caps.strict and is_odd(name, attributes) then
    return refuse(state, parser, "attributes and prefixes are not allowed")
  elseif parent then
    parent[#parent + 1] = node
  else
    state.root = node
  end
  stack[#stack + 1] = node
end

local function close_element(state)
  local stack = state.stack
  local node = stack[#stack]
  stack[#stack] = nil
  if node.pieces then
    node.text = concat(node.pieces)
    node.pieces = nil
  end
end

local function add_text(state, text)
  local node = state.stack[#state.stack]
  node.pieces = node.pieces or {}
  node.pieces[#node.pieces + 1] = text
end

-- Callbacks for one document; they only build the tree and note a refusal.
-- After one there may still come the end of an element, which has no node.
local function builder(caps)
  local state = { stack = {}, elements = 0, caps = caps }
  state.callbacks = {
    StartDoctypeDecl = function(parser)
      refuse(state, parser, "a DOCTYPE is not allowed")
    end,
    EntityDecl = function(parser)
      refuse(state, parser, "an entity declaration is not allowed")
    end,
    XmlDecl = function(parser, _, encoding)
      if encoding and texts.lower(encoding) ~= "utf-8" then
        refuse(state, parser, "the encoding must be UTF-8")
      end
    end,
    ProcessingInstruction = function(parser)
      if caps.strict then
        refuse(state, parser, "a processing instruction is not allowed")
      end
    end,
    StartElement = function(parser, name, attributes)
      open_element(state, parser, name, attributes)
    end,
    EndElement = function()
      if not state.refused then
        close_element(state)
      end
    end,
    CharacterData = function(_, text)
      if not state.refused then
        add_text(state, text)
      end
    end,
  }
  return state
end

--- Parses a document.
---@param text string UTF-8
---@param caps table { depth, elements, strict }
---@return table|nil root { name, text, [1], [2], … }
---@return string|nil message why it was refused
function M.parse(text, caps)
  local state = builder(caps)
  local parser = require("lxp").new(state.callbacks)
  local ok, message = parser:parse(text)
  if ok then
    ok, message = parser:parse()
  end
  -- One that is not finished throws when it is closed: it is left to the
  -- collector.
  if ok and not state.refused then
    parser:close()
  end
  if state.refused then
    return nil, state.refused
  elseif not ok then
    return nil, tostring(message)
  end
  return state.root
end

return M
