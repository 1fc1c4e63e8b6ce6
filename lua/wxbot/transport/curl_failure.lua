--- Why a call over libcurl failed: errors made of what wxbot.curl knows.

local errors = require "wxbot.util.errors"
local words = require "wxbot.transport.words"

local CERTIFICATE, BAD_CA_FILE = 60, 77
local PROXY_NAME, PROXY = 5, 97

-- libcurl's number -> kind, why; what is not here is "transport", in libcurl's
-- own words.
local REASONS = {
  [1] = { "protocol", words.NOT_HTTP }, -- a protocol that it does not know
  [3] = { "invalid", "the URL cannot be read" },
  [PROXY_NAME] = { "transport",
    "the name of the proxy is not known; check proxy" },
  [6] = { "transport", "the host name is not known; check it and the network" },
  [7] = { "transport", "no connection; check host, port and network" },
  [8] = { "protocol", words.NOT_HTTP }, -- a weird reply
  [18] = { "transport", words.LOST },   -- not all of an answer
  [27] = { "limit", "a line of the answer is too long, or memory is short" },
  [28] = { "timeout" },
  [35] = { "tls",
    "the TLS handshake failed; the server must offer TLS 1.2 or newer" },
  [43] = { "protocol", words.NOT_HTTP }, -- a bad argument: of a header
  [52] = { "transport", words.LOST },    -- nothing
  [55] = { "transport", words.LOST },    -- a failure to send
  [56] = { "transport", words.LOST },    -- a failure to receive
  [CERTIFICATE] = { "tls", "the certificate is not trusted; name the file of "
    .. "its authority in ca_file" },
  [61] = { "protocol",
    "the answer comes in an encoding that was not asked for" },
  [BAD_CA_FILE] = { "tls", "the certificates to trust cannot be read" },
  [PROXY] = { "transport", words.NO_PROXY },
  [100] = { "limit", -- since 8.6
    "the answer has too many headers, or one that is too long" },
}

-- OpenSSL's number for what is wrong with a certificate; libcurl leaves its 0
-- or 1 when only the name is.
local VERDICTS = { [0] = words.OTHER_HOST, words.OTHER_HOST,
  [9] = words.NOT_TODAY, [10] = words.NOT_TODAY }

-- The way to a proxy, and its answer to CONNECT, fail in many words, which
-- differ from one libcurl to the next: what fails before the request could be
-- sent, and is nothing of TLS, is the proxy's. Its name is told apart.
local ON_THE_WAY = { [1] = true, [7] = true, [8] = true, [52] = true,
  [55] = true, [56] = true }

-- What libcurl's number means here: kind, why, the number, the proxy's status.
local function explain(text, facts, proxied)
  local number, status = facts.number, facts.connect_status
  if proxied and not facts.begun then
    local refusal = status > 0 and words.of_proxy(status)
    if refusal then
      return "transport", refusal, PROXY, status
    elseif ON_THE_WAY[number] then
      number = PROXY
    end
  end
  local reason = REASONS[number] or { "transport", text }
  local verdict = number == CERTIFICATE and VERDICTS[facts.verify]
  return reason[1], verdict or reason[2], number
end

--- Makes the error of a call, of what the client of wxbot.curl has returned
--- behind nil.
---@param ca_file string|nil to be named when it is at fault
---@param proxied boolean|nil calls go by a proxy
---@param text string|nil
---@param kind string|nil nil: libcurl alone knows
---@param sent boolean|nil
---@param facts table|nil nil: the call was not begun
---@return wxbot.Error
return function(ca_file, proxied, text, kind, sent, facts)
  local number, status = facts and facts.number or 0, nil
  if not kind then
    kind, text, number, status = explain(text, facts, proxied)
  end
  if number == BAD_CA_FILE and kind == "tls" and ca_file then
    text = ("ca_file %q cannot be read or holds no certificate"):format(ca_file)
  elseif facts then
    text = words.message(facts.origin, text
      or words.of_timeout(facts.begun, proxied, facts.limit), sent)
  end
  local code = (number == PROXY or number == PROXY_NAME) and "proxy"
    or number > 0 and ("curl_%d"):format(number) or kind
  return errors.new{ kind = kind, code = code, message = text, sent = sent,
    status = status }
end
