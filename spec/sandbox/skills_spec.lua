-- Without this skills of a file or a table become others on the sandbox.
local errors = require "wxbot.util.errors"
local skills = require "wxbot.sandbox.skills"

-- A file of one skill with the intents given.
local function with(...)
  return { skills = { { name = "s", intents = { ... } } } }
end

local function intent(fields)
  local value = { title = "t", answers = { "a" } }
  for name, field in pairs(fields) do
    value[name] = field
  end
  return value
end

describe("sandbox.skills", function()
  it("gives names numbers that nobody makes collide", function()
    -- Alike in hashes that multiply by 33 and add.
    for _, pair in ipairs{ { "Aa", "B@" }, { "xAay", "xB@y" } } do
      assert.not_equal(skills.number_of(pair[1], {}),
        skills.number_of(pair[2], {}))
    end
    local taken = {}
    local first, second = skills.number_of("a", taken),
      skills.number_of("a", taken)
    assert.not_equal(first, second)
    assert.is_true(first >= 1 and second <= 2 ^ 31 - 1)
  end)

  it("reads a file", function()
    local set = assert(skills.load("spec/dialogue/skills.json"))
    assert.equal(7, #set.skills)
    local game = set.skills[1]
    assert.equal("猜拳", game.name)
    assert.equal("我出石头", game.intents[2].title)
    assert.equal(game.intents[1], game.intents[2].follows)
    assert.equal(game, game.intents[2].skill)
    assert.is_true(set.skills[6].general)
    assert.is_false(set.skills[7].published)
    assert.is_true(set.skills[4].intents[3].disabled)
    assert.equal("抱歉，我还不会回答这个问题。", set.bot.default_answer)
  end)

  it("fills in what a table leaves out", function()
    local set = assert(skills.load(with(intent{})))
    assert.equal(skills.THRESHOLD, set.bot.threshold)
    assert.equal(skills.RECOMMEND_THRESHOLD, set.bot.recommend_threshold)
    assert.equal(skills.DEFAULT_ANSWER, set.bot.default_answer)
    assert.is_false(set.skills[1].general)
    assert.is_true(set.skills[1].published)
    assert.same({}, set.skills[1].intents[1].questions)
    assert.is_false(set.skills[1].intents[1].disabled)
  end)

  it("leaves the table as it was", function()
    local source = with(intent{}, intent{ title = "u", follows = "t" })
    skills.load(source)
    assert.same(with(intent{}, intent{ title = "u", follows = "t" }), source)
  end)

  it("does not follow the table when it changes", function()
    local source = with{ title = "t", questions = { "q" }, answers = { "a" } }
    local set = skills.load(source)
    local row = source.skills[1].intents[1]
    row.answers[1], row.questions[1] = nil, 5
    assert.same({ "a" }, set.skills[1].intents[1].answers)
    assert.same({ "q" }, set.skills[1].intents[1].questions)
  end)

  it("has skills of its own", function()
    local set = assert(skills.load(require "wxbot.sandbox.default_skills"))
    assert.is_true(#set.skills > 1)
  end)

  it("gives a skill the same positive number in every file", function()
    local a = assert(skills.load{ skills = { { name = "账号", intents = {} } } })
    local b = assert(skills.load("spec/dialogue/skills.json"))
    assert.equal(a.skills[1].id, b.skills[2].id)
    local taken = {}
    for _, skill in ipairs(b.skills) do
      assert.is_true(skill.id >= 1 and skill.id <= 2147483647 and skill.id % 1 == 0)
      assert.is_nil(taken[skill.id])
      taken[skill.id] = true
    end
  end)

  it("finds a followed intent in another skill", function()
    local set = assert(skills.load{ skills = {
      { name = "a", intents = { intent{ title = "one" } } },
      { name = "b", intents = { intent{ title = "two", follows = "one" } } },
    } })
    assert.equal(set.skills[1].intents[1], set.skills[2].intents[1].follows)
  end)

  local wrong = {
    { "skills is missing", {} },
    { "skills must be a list", { skills = { a = 1 } } },
    { "skill is not known (known are bot, skills, synonyms)", { skill = {} } },
    { "bot must be an object", { bot = 1, skills = {} } },
    { "bot.threshold must be from 0 to 1", { bot = { threshold = 1.5 }, skills = {} } },
    { "bot.threshold must be from 0 to 1", { bot = { threshold = 0 / 0 }, skills = {} } },
    { "bot.recommend_threshold must be a number",
      { bot = { recommend_threshold = "1" }, skills = {} } },
    { "bot.treshold is not known (known are default_answer, recommend_threshold, threshold)",
      { bot = { treshold = 1 }, skills = {} } },
    { "skills[1] must be an object", { skills = { "x" } } },
    { "skills[1].name is missing", { skills = { { intents = {} } } } },
    { "skills[1].name must not be empty", { skills = { { name = " ", intents = {} } } } },
    { "skills[1].intents is missing", { skills = { { name = "s" } } } },
    { "skills[1].general must be true or false",
      { skills = { { name = "s", general = 1, intents = {} } } } },
    { 'skills[2].name "s" is used twice',
      { skills = { { name = "s", intents = {} }, { name = "s", intents = {} } } } },
    { "skills[1].intents[1].title must be a string", with(intent{ title = 1 }) },
    { "skills[1].intents[1].answers is missing", with{ title = "t" } },
    { "skills[1].intents[1].answers must not be empty", with(intent{ answers = {} }) },
    { "skills[1].intents[1].answers[2] must be a string", with(intent{ answers = { "a", 2 } }) },
    { "skills[1].intents[1].questions must be a list of strings", with(intent{ questions = "q" }) },
    { "skills[1].intents[1].questions[1] must not be empty", with(intent{ questions = { "" } }) },
    { "skills[1].intents[1].threshold must be from 0 to 1", with(intent{ threshold = -1 }) },
    { "skills[1].intents[1].disabled must be true or false", with(intent{ disabled = "no" }) },
    { 'skills[1].intents[2].title "t" is used twice in this skill', with(intent{}, intent{}) },
    { 'skills[1].intents[1].follows "x" names no intent', with(intent{ follows = "x" }) },
    { "skills[1].intents[1].follows leads back to the intent itself",
      with(intent{ follows = "t" }) },
    { "skills[1].intents[1].follows leads back to the intent itself",
      with(intent{ follows = "u" }, intent{ title = "u", follows = "t" }) },
    { 'skills[3].intents[1].follows "t" names intents of several skills', { skills = {
      { name = "a", intents = { intent{} } }, { name = "b", intents = { intent{} } },
      { name = "c", intents = { intent{ title = "u", follows = "t" } } },
    } } },
  }
  for i, case in ipairs(wrong) do
    it(("refuses a table: %s (%d)"):format(case[1], i), function()
      local set, err = skills.load(case[2])
      assert.is_nil(set)
      assert.is_true(errors.is(err))
      assert.equal("invalid", err.kind)
      assert.equal(case[1], err.message)
    end)
  end

  describe("a file that is wrong", function()
    local path

    local function load_text(text)
      path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local set, err = skills.load(path)
      os.remove(path)
      assert.is_nil(set)
      assert.equal("invalid", err.kind)
      return err.message
    end

    it("is named with the field", function()
      local message = load_text('{"skills":[{"name":"s","intents":[{"title":1,"answers":["a"]}]}]}')
      assert.equal(path .. ": line 1: skills[1].intents[1].title must be a string", message)
    end)

    it("is named with its line, in the midst of a file", function()
      local message = load_text('{ "bot": {},\n "skills": [\n'
        .. '{ "name": "s\\"]", "intents": [] },\n{ "name": "t", "intents": [\n'
        .. '{ "title": "a", "answers": ["}"] },\n{ "title": "b" } ] } ] }')
      assert.equal(path .. ": line 6: skills[2].intents[2].answers is missing",
        message)
    end)

    it("is named with its line when it is no JSON", function()
      local message = load_text('{"skills":[\n\n,')
      assert.equal(path .. ": line 3: not strict JSON",
        message:match("^(.*): unexpected"))
    end)

    it("is named when it holds no object", function()
      local message = load_text('"skills"')
      assert.equal(path .. ": must be an object with skills", message)
    end)

    it("is named when it is not there", function()
      local set, err = skills.load("no/such/skills.json")
      assert.is_nil(set)
      assert.equal("no/such/skills.json: No such file or directory", err.message)
    end)
  end)

  it("raises for what is neither path nor table", function()
    assert.has_error(function() skills.load(1) end, "skills must be a path or a table, not number")
  end)
end)
