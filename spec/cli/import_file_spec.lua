-- Without this a spreadsheet is read as other questions and answers than it has.
local import_file = require "wxbot.cli.import_file"
local json = require "wxbot.codec.json"
local methods = require "wxbot.cli.methods"
local run = require "spec.support.command"

-- What a row of the import of v1 has.
local FIELDS
for _, field in ipairs(methods.named "import".v1.fields) do
  FIELDS = field.fields or FIELDS
end

local CSV = "\239\187\191answer,Question,similar,skill,similar\r\n"
  .. '"早上\r\n""九点""",营业到几点,几点开门|几点营业,店,开门时间\r\n'
  .. ",营业到几点,营业时间,店,\r\n"

-- What a file is read as.
local function rows_of(text)
  local rows, _, remarks = assert(import_file.read(run.file(text), nil,
    FIELDS))
  return rows, remarks
end

describe("an import reads", function()
  after_each(run.clean)

  it("CSV: columns in any order, several, rows that belong together",
    function()
      assert.same({ { skillname = "店", title = "营业到几点",
        question = { "几点开门", "几点营业", "开门时间", "营业时间" },
        answer = { '早上\r\n"九点"' } } }, rows_of(CSV))
    end)

  it("CSV whose answers hold bars, and similar questions by line", function()
    assert.same({ { skillname = "s", title = "q", question = { "a", "b" },
      answer = { "x|y", "z" } } },
      rows_of 'skill,question,similar,answer,answer\ns,q,"a\nb",x|y,z\n')
  end)

  it("CSV with blank lines, as spreadsheets leave them", function()
    assert.same({ { skillname = "s", title = "q", question = {},
      answer = { "a" } } },
      rows_of "skill,question,answer\r\n\r\n,,\r\ns,q,a\r\n , ,\r\n,\r\n")
  end)

  it("20,000 similar questions of one question, each in a row of its own",
    function()
      local rows = { "skill,question,similar,answer" }
      for i = 1, 20000 do
        rows[i + 1] = ("s,q,similar %d,a"):format(i)
      end
      local read = rows_of(table.concat(rows, "\n"))
      assert.equal(1, #read)
      assert.equal(20000, #read[1].question)
      assert.same({ "a" }, read[1].answer)
    end)

  local ROW = { skillname = "店", title = "营业到几点",
    question = { "几点开门", "几点营业" }, answer = { "九点；十点" } }

  it("Chinese columns, with numbers or other names, between English ones",
    function()
      assert.same({ ROW }, rows_of("技能,标准问题,相似问题,回答\n"
        .. "店,营业到几点,几点开门|几点营业,九点；十点\n"))
      assert.same({ ROW }, rows_of("\239\187\191答案,Skill,标准问,相似问1,相似问 2\n"
        .. "九点；十点,店,营业到几点,几点开门,几点营业\n"))
    end)

  it("semicolons and tabs, which the first line shows", function()
    for _, separator in ipairs{ ";", "\t" } do
      local text = "技能,标准问题,相似问题,回答\r\n"
        .. '店,营业到几点,"几点开门\n几点营业",九点；十点\r\n'
      assert.same({ ROW }, rows_of((text:gsub(",", separator))))
    end
    assert.equal("a;b", rows_of "skill,question,answer\ns,q,a;b\n"[1].answer[1])
  end)

  local SHEET = "技能\t标准问题\t相似问题\t回答\r\n"
    .. "店\t营业到几点\t几点开门|几点营业\t九点；十点\r\n"

  it("GB18030 and UTF-16, and says so", function()
    for _, encoding in ipairs{ "GB18030", "UTF-16" } do
      local rows, remarks = rows_of(run.converted(SHEET, encoding))
      assert.same({ ROW }, rows)
      assert.equal(1, #remarks)
      assert.matches("^/.+ is not UTF%-8: read as " .. encoding:gsub("-", "%%-")
        .. "$", remarks[1])
    end
  end)

  it("columns that a spreadsheet leaves behind the last", function()
    assert.same({ { skillname = "s", title = "q", question = {},
      answer = { "a" } } },
      rows_of "skill,question,answer,, \ns,q,a,,\n,,,,\n")
  end)

  it("a list of rows", function()
    assert.same({ { skillname = "s", title = "q", question = { "a" },
      answer = { "x", "y" } } }, rows_of [[ [
        { "skill": "s", "intent": "q", "questions": "a", "answers": ["x"] },
        { "skill": "s", "intent": "q", "questions": null, "answers": "y" }
      ] ]])
  end)

  it("skills as the sandbox has them, and says what is left behind", function()
    local rows, remarks = rows_of(run.read("spec/dialogue/skills.json"))
    assert.equal(19, #rows)
    assert.equal("开始猜拳", rows[1].title)
    assert.equal(3, #rows[1].question)
    assert.same({ "1 disabled intents are left out",
      "an import has no place for follows: 2 intents lose it" }, remarks)
  end)
end)

describe("an import of bad rows", function()
  after_each(run.clean)

  it("names them in the order of the file, whenever they are found",
    function()
      local cases = {
        [" [%d]:"] = '[{"skill":"s","intent":"a"},7,{"skill":"s",'
          .. '"intent":"c","answers":[""]},8]',
        [":%d:"] = 'skill,question,answer\ns,"a",\ns,a\ns,c,\n,d,x\n',
      }
      for place, text in pairs(cases) do
        local _, err, reasons = import_file.read(run.file(text), nil, FIELDS)
        assert.equal("file", err.code)
        local first = place == " [%d]:" and 0 or 1
        for i = 1, 4 do
          assert.truthy(reasons[i]:find(place:format(first + i), 1, true),
            table.concat(reasons, "\n"))
        end
      end
    end)

  it("names a text with a NUL once, in the row where it stands", function()
    local path = run.file('[{"skill":"s","intent":"q","answers":"a"},'
      .. '{"skill":"s","intent":"q","questions":"b\\u0000","answers":"a"}]')
    local _, _, reasons = import_file.read(path, nil, FIELDS)
    assert.same({ path .. ": [2]: questions holds a control character" },
      reasons)
    path = run.file("skill,question,answer\ns,q\0,a\n,r,a\n")
    _, _, reasons = import_file.read(path, "csv", FIELDS)
    assert.same({ path .. ":2: question holds a control character",
      path .. ":3: skill is empty" }, reasons)
  end)

  it("names all that is wrong in skills, and last what does not go together",
    function()
      local path = run.file(json.encode{ skills = {
        { name = "a", intents = { { title = "t", answers = { "x" } },
          { title = "t" }, 7, { title = "u", answers = { "" } } } },
        { intents = { { answers = { "x" }, other = 1 } } }, { name = "c" } } })
      local _, _, reasons = import_file.read(path, "json", FIELDS)
      for i, reason in ipairs(reasons) do
        reasons[i] = reason:gsub("^[^ ]+ ", ""):gsub(" %(.*", "")
      end
      assert.same({ "skills[1].intents[2].answers is missing",
        "skills[1].intents[3] must be an object",
        "skills[1].intents[4].answers[1] must not be empty",
        "skills[2].name is missing",
        "skills[2].intents[1].other is not known",
        "skills[3].intents is missing" }, reasons)
      path = run.file(json.encode{ skills = { { name = "a", intents = {
        { title = "t", answers = { "x" }, follows = "u" } } } } })
      _, _, reasons = import_file.read(path, "json", FIELDS)
      assert.same({ path .. ': skills[1].intents[1].follows "u" names no intent' },
        reasons)
    end)

  it("names rows behind a quote that is out of place, or an unknown column",
    function()
      local path = run.file('skill,question,answer,note\ns,q,a,\ns,a "b" c,a,\n'
        .. ',,a,\ns,"q,a,\n')
      local _, _, reasons = import_file.read(path, "csv", FIELDS)
      for i, reason in ipairs(reasons) do
        reasons[i] = reason:sub(#path + 2):gsub(": expected.*", "")
      end
      assert.same({ '1: unknown column "note"', "3: a quote inside a field that "
        .. "does not begin with one", "4: skill is empty",
        "4: question is empty", "5: a quoted field has no end" }, reasons)
    end)
end)
