-- Written from the document.

return {
  url = "https://openaiapi.weixin.qq.com/v2/bot/query",
  content_type = "text/plain",
  requests = {
    {
      why = "the fields that are needed",
      params = { query = "hello", env = "online", userid = "u1" },
      plain = '{"query":"hello","env":"online","userid":"u1"}',
      body = 'rCLmmSZqJGRg9y4VLVDlnTD60OVRRKbulLPohie7zLlEloyiR/pUQKPObraMwUSp',
      sign = "495de701352f35b85f4c2ff979d98642",
    },
    {
      why = "all fields",
      params = { query = "你好", env = "debug",
        first_priority_skills = { "a" }, second_priority_skills = { "b", "c" },
        user_name = "n", avatar = "https://example.com/a.png", userid = "u1" },
      plain = '{"query":"你好","env":"debug"'
        .. ',"first_priority_skills":["a"],"second_priority_skills":["b","c"]'
        .. ',"user_name":"n","avatar":"https://example.com/a.png","userid":"u1"}',
      body = '1pOZUq54oZ3cjofH/n6nMipwz2Aj2YK1eMA1DVPm2IV3XYAQol7iMxONpiEAzfYLeQadZTb2crpA'
        .. '7pbPS5ZHMDCLHMGzNX4WA6PeWu+v1Ua5LjM5W+M1vKjV/NErU0ZDf5PpMGY/PtwH4IiClce/+eYc'
        .. 'RT7HhwvpBA63UWtXOzM/ErGukZHqQ1dagCD7ASFmMnJfFSItlzC5JGk/5GiL3Oc0jrBW/5HE2J33'
        .. 'DQIasqY=',
      sign = "28f5b810ef8c8bfd06ea2b3793a2a51a",
    },
  },
  answers = {
    {
      why = "a sealed answer",
      body = 'OMxz2rTNXV2yFqq6iRedkltOX42IJfrkpkAdgZdo/Ao0LqVbCcOjzO4sbQbAHBKq9em01WlWerHZ'
        .. '68Y3qP8JbuIusDdoGfd6X4KhCmeSHyBv3AFpynUr3CQM9YYXVm16W845+fbvA+neXg2ogo3e3OH3'
        .. 'zpA0Tjafer3ZXYUXxUcEKWm8LGf+XZ6UPxckSmuDtosBZKG2snw4qPQz4klCjAamDuJgZz7z8HQV'
        .. 'qsoTZBvKmLpFFyAgkw8cXkmZaZhT',
      result = { answer = "hi", answer_type = "text", intent_name = "hello",
        msg_id = "m1", options = {}, skill_name = "s", slots = {},
        status = "FAQ", request_id = "r1", text = "hi",
        rich = { { kind = "text", text = "hi", links = {}, articles = {},
          play_list = {} } } },
    },
    {
      why = "a sealed failure",
      body = 'tOrR0HVr1VMi29lp14i2AukepZ8gMpPCbAhB+BeYUF11yAVlyioyIftSJKDaDYntaArRitqVWA6i'
        .. 'xzrg3WkA6A==',
      err = { kind = "platform", code = 210205, rid = "r2", message =
        "the bot is being published, or calls are too frequent" },
    },
    {
      why = "a failure in the clear",
      body = '{"code":1000012,"data":null,"msg":"","request_id":"r3"}',
      err = { kind = "platform", code = 1000012, rid = "r3" },
    },
    {
      why = "what cannot be decrypted",
      body = 'AAAAAAAAAAAAAAAAAAAAAA==',
      err = { kind = "protocol" },
    },
    {
      why = "an empty answer",
      body = '',
      err = { kind = "protocol" },
    },
  },
}
