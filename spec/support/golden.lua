-- The frozen bytes of an endpoint, with the failures that every endpoint of
-- its service may meet: they were seen, or are in the documents, with some.

local M = {}

local EVERYWHERE = {
  {
    why = "an answer that confirms nothing",
    body = "{}",
    err = { kind = "protocol" },
  },
  {
    why = "seen: a malformed request, as plain text",
    body = "Error request, response status: 503",
    err = { kind = "unavailable", status = 503 },
  },
}

local FAILURES = {
  chatbot = {
    {
      why = "seen: the value does not decrypt",
      body = '{"errcode":1019,"errmsg":"data encrypt is incorrect, '
        .. 'please check the doc.","rid":"31904d53"}',
      err = { kind = "platform", code = 1019, rid = "31904d53",
        message = "data encrypt is incorrect, please check the doc." },
    },
    {
      why = "the document's failure of one who is no administrator",
      body = '{"errcode":1015,"errmsg":"","rid":"31904d53"}',
      err = { kind = "platform", code = 1015, rid = "31904d53", message =
        "the openid or managerid is not an administrator of this bot" },
    },
    {
      why = "the document's failure of an appid that is not bound",
      body = '{"errcode":1011,"errmsg":"","rid":"31904d53"}',
      err = { kind = "platform", code = 1011, rid = "31904d53", message =
        "the appid is not legitimate: it is not bound to this bot" },
    },
  },
  api = {
    {
      why = "seen: the token is not valid",
      body = '{"errcode":40001,"errmsg":"invalid credential, access_token '
        .. 'is invalid or not latest rid: 67db812a-08959018-7d56a8b6"}',
      err = { kind = "platform", code = 40001,
        rid = "67db812a-08959018-7d56a8b6" },
    },
  },
  v2 = {
    {
      why = "the document's failure",
      body = '{"code":210202,"data":null,"msg":"权限不足"}',
      err = { kind = "platform", code = 210202, message = "权限不足" },
    },
    {
      why = "seen: no administrator",
      body = '{"code":210202,"data":{"task_id":""},'
        .. '"msg":"该用户没有该bid操作权限","request_id":""}',
      err = { kind = "platform", code = 210202,
        message = "该用户没有该bid操作权限" },
    },
    {
      why = "seen: an internal error with its cause",
      body = '{"code":110001,"data":{"err_detail":210202},'
        .. '"msg":"Internal Server Error","request_id":"r9"}',
      err = { kind = "platform", code = 110001, detail = 210202, rid = "r9",
        message = "Internal Server Error (210202: no permission: check "
          .. "account, token and aes_key)" },
    },
    {
      why = "seen: a signature or an access token that is not valid",
      status = 400, body = "invalid sign request",
      err = { kind = "platform", code = "sign", status = 400 },
    },
  },
}

--- Reads the golden bytes of an endpoint.
---@param endpoint table
---@param path string|nil of the file, where it is not in spec/golden
---@return table golden { url, headers or content_type, requests, answers }
function M.of(endpoint, path)
  local golden = dofile(path or "spec/golden/" .. endpoint.name .. ".lua")
  for _, list in ipairs{ FAILURES[endpoint.service], EVERYWHERE } do
    for _, case in ipairs(list) do
      golden.answers[#golden.answers + 1] =
        not (golden.open and case.body == "{}") and case or nil
    end
  end
  return golden
end

return M
