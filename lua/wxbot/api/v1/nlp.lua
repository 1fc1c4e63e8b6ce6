return {
  name = "nlp",
  summary = "Call an NLP service (no longer maintained by the platform)",
  source = "https://developers.weixin.qq.com/doc/aispeech/nlpapi/nlp/tokenize",
  path = "/openapi/nlp/{name}/{token}",
  needs = { "token", "aes_key" },
  wire = "signed_query",
  repeats = "always",
  errors = { 1001, 1004, 1005 },
  request = {
    { name = "name", type = "string", required = true, location = "path",
      pattern = "^[a-z0-9_-]+$",
      doc = "Service: tokenize, ner, sentiment, sensitive, ner-product, rank, "
        .. "translate_en2cn, translate_cn2en, get_similar_query, news-abstraction, "
        .. "document_classify, recommend_questions, casual_chat" },
    { name = "uid", type = "string", id = true, required = true,
      doc = "Id of the user, always the same for one" },
    { name = "data", type = "object", required = true,
      doc = "What the service works on: mostly q, a text" },
  },
  -- By service; all of them pass as they come.
  response = {
    { name = "result", type = "any",
      doc = "sentiment, sensitive: pairs of class and probability; ner: entities; "
        .. "translate_…: a text" },
    { name = "results", type = "any", doc = "rank, recommend_questions: questions" },
    { name = "exact_match", type = "any", doc = "rank: a candidate is the same" },
    { name = "words", type = "any", doc = "tokenize: words" },
    { name = "POSs", type = "any", doc = "tokenize: parts of speech, as numbers" },
    { name = "words_mix", type = "any", doc = "tokenize: longer words" },
    { name = "POSs_mix", type = "any", doc = "tokenize: their parts of speech" },
    { name = "entities", type = "any", doc = "tokenize, ner-product: entities" },
    { name = "entity_types", type = "any", doc = "tokenize: their types" },
    { name = "preprocessed_text", type = "any", doc = "ner-product: text it read" },
    { name = "data", type = "any", doc = "get_similar_query: questions" },
    { name = "abstraction", type = "any", doc = "news-abstraction: summary" },
    { name = "classification", type = "any", doc = "news-abstraction: it is news" },
    { name = "prob", type = "any", doc = "news-abstraction: probability of that" },
    { name = "preds", type = "any", doc = "document_classify: classes, 3 levels" },
    { name = "response", type = "any", doc = "casual_chat: answer" },
    { name = "costime", type = "number", doc = "Milliseconds it took" },
  },
}
