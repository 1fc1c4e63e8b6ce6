--- The check of an official account's address: the platform sends a text, which is
-- to be given back, while the address is being configured.

local parse = require "wxbot.receive.parse"
local signature = require "wxbot.receive.signature"

local type = type
local refused = parse.refused

local M = {}

local function is_echo(text)
  return type(text) == "string" and #text <= 512
    and text:find("^[A-Za-z0-9_=+/-]+$") ~= nil
end

--- Finds out who asks. The plain check does not cover echostr, so that it may be
--- anybody's text: it is only ever given back as harmless characters.
function M.authenticate(context, query)
  local text = query.echostr
  local sealed = query.msg_signature ~= nil and not context.plain
  if not is_echo(text) then
    return refused("echo")
  elseif not signature.is_of(sealed and query.msg_signature or query.signature,
      signature.text(context, query, sealed and text or nil)) then
    return refused("signature")
  end
  return { tag = "push", echo = text, is_sealed = sealed,
    timestamp = query.timestamp }
end

--- Opens the text.
function M.parse(context, push)
  local text = push.echo
  if push.is_sealed then
    text = context.key:decrypt(text)
    if not text then
      return refused("decrypt")
    end
  end
  if not is_echo(text) then
    return refused("echo")
  elseif not parse.fresh(context, push.timestamp) then
    return refused("stale")
  end
  return { tag = "echo", body = text }
end

return M
