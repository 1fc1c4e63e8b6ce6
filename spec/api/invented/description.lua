-- Query how far an invention has grown.

return {
  name = "invention_get",
  summary = "Query how far an invention has grown",
  source = "https://developers.weixin.qq.com/doc/",
  path = "/cgi-bin/invention/get",
  repeats = "always",
  waiter = {
    name = "wait_invention", what = "invention", id = "invention_id",
    state = "phase", pending = { 1 }, success = 2,
  },
  errors = { 40001, 40002 },
  request = {
    { name = "invention_id", type = "string", id = true, required = true,
      doc = "Id of the invention" },
    { name = "sizes", type = "list", of = "integer", doc = "Its sizes" },
  },
  response = {
    { name = "phase", type = "integer", required = true,
      enum_names = { "growing", "grown", "withered" },
      doc = "1 growing, 2 grown, 3 withered" },
    { name = "progress", type = "integer", doc = "Progress, percent" },
    { name = "height", type = "number", doc = "Metres" },
  },
}
