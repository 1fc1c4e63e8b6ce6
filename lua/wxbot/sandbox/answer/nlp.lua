-- The platform's side of `nlp`: the documented shapes, and no more. It knows
-- nothing of language: what it says is that there is nothing to say.

local json = require "wxbot.codec.json"
local text = require "wxbot.sandbox.coerce".text

local list = json.list

local function scored(...)
  local result = {}
  for i, name in ipairs{ ... } do
    result[i] = list{ name, i == 1 and 1 or 0 }
  end
  return { error = json.null, result = list(result), costime = 0 }
end

local function same(data)
  return { result = text(data.q) }
end

local function candidates(data)
  local results = {}
  for _, candidate in ipairs(type(data.candidates) == "table"
      and data.candidates or {}) do
    local question = text(type(candidate) == "table" and candidate.text)
    results[#results + 1] = { question = question,
      score = question == data.query and 1 or 0 }
  end
  return { results = list(results), exact_match = false }
end

local SERVICES = {
  tokenize = function(data)
    local words, tags = { text(data.q) }, { 0 }
    return { words = list(words), POSs = list(tags), words_mix = list(words),
      POSs_mix = list(tags), entities = list{}, entity_types = list{} }
  end,
  ner = function() return { result = list{} } end,
  sentiment = function(data)
    if data.mode == "3class" then
      return scored("无情感", "正面", "负面")
    end
    return scored("无情感", "高兴", "喜欢", "悲伤", "厌恶", "愤怒")
  end,
  sensitive = function()
    return scored("other", "dirty_curse", "dirty_politics", "dirty_porno")
  end,
  ["ner-product"] = function(data)
    return { preprocessed_text = text(data.q),
      entities = { product = list{} } }
  end,
  rank = candidates,
  translate_en2cn = same,
  translate_cn2en = same,
  get_similar_query = function() return { data = list{}, costime = 0 } end,
  ["news-abstraction"] = function(data)
    return { abstraction = text(data.title), classification = false, prob = 0 }
  end,
  document_classify = function()
    return { preds = { level1_cls = "", level2_cls = "", level3_cls = "" } }
  end,
  recommend_questions = function() return { results = list{} } end,
  casual_chat = function(data) return { response = text(data.q) } end,
}

-- How the real platform refuses is not documented, but that `error` says so.
return function(_, params)
  local service = SERVICES[params.name]
  if not service then
    return { error = "there is no such service" }, nil,
      { "nlp_name", params.name }
  elseif type(params.uid) ~= "string" or params.uid == ""
      or type(params.data) ~= "table" then
    return { error = "uid and data are required" }, nil,
      { "empty_fields", "uid, data" }
  end
  return service(params.data)
end
