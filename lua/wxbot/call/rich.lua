--- Answers that are more than a text: what a program, and a person, can use.
--
-- The platform puts JSON into the string of an answer, an object whose one
-- member names the kind. The type beside it is a weak guide, and counts only
-- where the object itself says nothing. Whatever comes, nothing here raises;
-- what is not known passes as it is.
-- https://developers.weixin.qq.com/doc/aispeech/confapi/RICHANSWER

local core = require "wxbot.core"
local json = require "wxbot.codec.json"
local repair = require "wxbot.codec.repair"
local shape = require "wxbot.call.schema.shape"

local ipairs, next, pairs = ipairs, next, pairs
local setmetatable, type = setmetatable, type
local List = json.List
local char, concat, sort = string.char, table.concat, table.sort

local M = {}

-- How deep messages of several parts hold others, and how deep JSON goes: with
-- what is around it it can still be written.
local MAX_LEVELS, MAX_DEPTH = 3, 16
local MAX_PARTS = 100

local LINK = {
  { name = "kind", type = "string", doc = "question: a recommended one, to be "
    .. "asked next; url; miniprogram" },
  { name = "text", type = "string", doc = "The words that are the link" },
  { name = "query", type = "string", doc = "What to ask, of a question" },
  { name = "id", type = "string", doc = "Id of the question" },
  { name = "url", type = "string", doc = "Where it leads" },
  { name = "appid", type = "string", doc = "Appid of the mini program" },
  { name = "path", type = "string", doc = "Page of the mini program" },
}

local ARTICLE = {
  { name = "title", type = "string", doc = "Title" },
  { name = "description", type = "string", doc = "Description" },
  { name = "url", type = "string", doc = "Link" },
  { name = "picurl", type = "string", doc = "Picture" },
  { name = "type", type = "string", doc = "h5 or mp" },
}

local SONG = {
  { name = "title", type = "string", doc = "Title" },
  { name = "author", type = "string", doc = "Singer or speaker" },
  { name = "album_name", type = "string", doc = "Album" },
  { name = "album_pic_url", type = "string", doc = "Picture of the album" },
  { name = "url", type = "string", doc = "What is played" },
}

local PART = {
  { name = "kind", type = "string", doc = "text, news, image, voice, video, "
    .. "music, fm, miniprogrampage, mpnews; or what the platform calls it" },
  { name = "text", type = "string", doc = "What a person would read of it" },
  { name = "links", type = "list", of = "object", fields = LINK,
    doc = "Of text: the links in it" },
  { name = "articles", type = "list", of = "object", fields = ARTICLE,
    doc = "Of news" },
  { name = "play_list", type = "list", of = "object", fields = SONG,
    doc = "Of music and fm" },
  { name = "url", type = "string", doc = "Of image, voice and video" },
  { name = "media_id", type = "string", doc = "Of image, voice and video" },
  { name = "cover_url", type = "string", doc = "Picture, of video" },
  { name = "title", type = "string", doc = "Of miniprogrampage and mpnews" },
  { name = "appid", type = "string", doc = "Of miniprogrampage" },
  { name = "pagepath", type = "string", doc = "Page, of miniprogrampage" },
  { name = "thumb_url", type = "string", doc = "Picture, of miniprogrampage" },
  { name = "thumb_media_id", type = "string", doc = "Picture, likewise" },
  { name = "digest", type = "string", doc = "Of mpnews" },
  { name = "imgurl", type = "string", doc = "Picture, of mpnews" },
  { name = "raw", type = "any", doc = "Of other kinds: all of it, decoded" },
}

--- What an answer gets besides what the platform sends.
M.fields = {
  { name = "text", type = "string",
    doc = "What a person would read: never JSON, links as words" },
  { name = "rich", type = "list", of = "object", fields = PART,
    doc = "Its parts, 100 at most; a text is one" },
}

-- Members that name a kind, in the order in which they are looked for.
local KINDS = { { "multimsg", "multimsg" }, { "news", "news" },
  { "image", "image" }, { "voice", "voice" }, { "video", "video" },
  { "music", "music" }, { "play_command", "music" },
  { "audio_play_command", "fm" }, { "miniprogrampage", "miniprogrampage" },
  { "miniprogram", "miniprogrampage" }, { "mpnews", "mpnews" },
  { "articles", "news" }, { "play_list", "music" } }

local IS_KNOWN = {}
for i = 2, #KINDS do
  IS_KNOWN[KINDS[i][2]] = true
end

-- What a kind may be as a bare list, or as one element of it.
local LISTS = { news = "articles", music = "play_list", fm = "play_list" }

-- Members of a part, which name no kind where they stand alone.
local IS_MEMBER = {}
for _, field in ipairs(PART) do
  IS_MEMBER[field.name] = field.name ~= "text"
end

-- --------------------------------------------------------------------- JSON

-- The table that a JSON text holds, which some quote once more. People wrote
-- what is in it, too; `parts` hear of repairs.
local function decoded(text, parts)
  if type(text) ~= "string" or not text:find('^[ \t\r\n]*[%[{"]') then
    return nil
  end
  local value, marked = json.decode(text, true, nil, MAX_DEPTH)
  if value == nil then
    return nil
  elseif marked then
    local values = { value }
    parts.repaired = repair.values({}, values) or parts.repaired
    value = values[1]
  end
  return type(value) == "table" and value or decoded(value, parts)
end

-- What some write as JSON in a string, and some as it is.
local function unwrapped(value, parts)
  return value and decoded(value, parts) or value
end

-- Nobody is to read what was meant for a program, also where it is broken or
-- was cut off: objects, quoted ones, and lists of them or of texts.
local function looks_like_json(text)
  return text:find('^[ \t\r\n]*{[ \t\r\n]*"')
    or text:find('^[ \t\r\n]*"{[ \t\r\n]*\\"')
    or text:find('^[ \t\r\n]*%[[ \t\r\n]*{[ \t\r\n]*"')
    or text:find('^[ \t\r\n]*%[[ \t\r\n]*[{"]')
      and (text:find("%][ \t\r\n]*$") or text:find('"{\\"', 1, true))
end

-- What brackets are also put around in a text.
local function is_numbers(list)
  for _, value in pairs(list) do
    if type(value) ~= "number" then
      return false
    end
  end
  return list[1] ~= nil
end

-- ------------------------------------------------------------ links in a text

-- Finds an attribute behind a blank, in letters of either case.
local function attribute(name)
  return "[ \t\r\n]" .. name:gsub("[a-z]", function(letter)
    return "[" .. letter .. char(letter:byte() - 32) .. "]"
  end):gsub("%-", "%%-") .. "[ \t\r\n]*=[ \t\r\n]*"
end

local HREF, APPID = attribute "href", attribute "data-miniprogram-appid"
local PATH = attribute "data-miniprogram-path"

local function value_of(head, pattern)
  local _, last = head:find(pattern)
  local quote = last and head:match("^[\"']", last + 1)
  if not quote then
    return last and head:match("^[^ \t\r\n]*", last + 1)
  end
  local ends = head:find(quote, last + 2, true)
  return head:sub(last + 2, (ends or 0) - 1)
end

-- weixin://bizmsgmenu?msgmenucontent=…&msgmenuid=…; what stands there is not
-- encoded, and may hold anything.
local function question_of(href)
  local _, last = href:find("msgmenucontent=", 1, true)
  if not last or href:find("weixin://bizmsgmenu?", 1, true) ~= 1 then
    return nil
  end
  local ends, id = href:find("&msgmenuid=", last, true)
  return href:sub(last + 1, (ends or 0) - 1),
    id and href:sub(id + 1) or href:match("msgmenuid=([^&]*)")
end

local function link_of(head, words)
  local href, appid = value_of(head, HREF), value_of(head, APPID)
  if appid then
    return { kind = "miniprogram", text = words, appid = appid,
      path = value_of(head, PATH), url = href }
  elseif href then
    local query, id = question_of(href)
    return { kind = query and "question" or "url", text = words,
      query = query, id = id, url = not query and href or nil }
  end
end

-- Words, and where they lead unless they say so themselves.
local function shown(link, words)
  local url = link and link.url or ""
  if url == "" or url == words then
    return words
  end
  return words == "" and url or ("%s (%s)"):format(words, url)
end

-- The end of a tag, which may hold a > in quotes.
local function end_of_tag(text, from)
  local at = text:find("[>\"']", from)
  while at and text:sub(at, at) ~= ">" do
    at = text:find(text:sub(at, at), at + 1, true)
    at = at and text:find("[>\"']", at + 1)
  end
  return at
end

-- Takes the tags of links out of a text. Where quotes were left open once they
-- are not looked for again: each byte is looked at a few times at most.
local function without_tags(text)
  local out, links, from = {}, {}, 1
  local first, is_quoted = text:find("<[aA][ \t\r\n]"), true
  while first do
    local ends = is_quoted and end_of_tag(text, first) or nil
    is_quoted = ends ~= nil
    ends = ends or text:find(">", first, true) or #text
    local close, last = text:find("</[aA][ \t\r\n]*>", ends)
    if not close then
      break
    end
    local words = text:sub(ends + 1, close - 1)
    local link = link_of(text:sub(first, ends - 1), words)
    links[#links + 1] = link
    out[#out + 1] = text:sub(from, first - 1) .. shown(link, words)
    from = last + 1
    first = text:find("<[aA][ \t\r\n]", from)
  end
  out[#out + 1] = text:sub(from)
  return concat(out), links
end

-- -------------------------------------------------------------- for a person

-- In the order in which they are read.
local READ = { "title", "name", "author", "description", "digest", "abs_l",
  "text", "content", "url" }

local function is_words(value)
  local object = decoded(value, {})
  if object then
    return is_numbers(object)
  end
  return type(value) == "string" and value ~= "" and not looks_like_json(value)
end

local function add_words(lines, objects)
  for _, object in ipairs(objects) do
    for _, name in ipairs(type(object) == "table" and READ or {}) do
      local value = object[name]
      if is_words(value) and value ~= lines[#lines] then
        lines[#lines + 1] = value
      end
    end
  end
end

local function words_of(part, otherwise)
  local lines = {}
  add_words(lines, part.articles)
  add_words(lines, part.play_list)
  if #lines == 0 then
    add_words(lines, { part, part.raw })
  end
  if #lines == 0 then
    lines[1] = is_words(part.raw) and part.raw or otherwise
  end
  return (concat(lines, "\n"):gsub("LINE_BREAK", "\n"))
end

-- -------------------------------------------------------------------- parts

local function add(parts, part)
  if #parts < MAX_PARTS then
    parts[#parts + 1] = part
  end
end

-- Most answers are one text.
local function add_text(parts, text)
  local links = {}
  text = text:gsub("LINE_BREAK", "\n")
  if text:find("<[aA][ \t\r\n]") then
    text, links = without_tags(text)
  end
  add(parts, { kind = "text", text = text, links = setmetatable(links, List),
    articles = setmetatable({}, List), play_list = setmetatable({}, List) })
end

-- A known kind has its members, which may be those of the one element of its
-- list; of another all is raw.
local function members_of(kind, value)
  local part, list = {}, LISTS[kind]
  if not IS_KNOWN[kind] or type(value) ~= "table" then
    return { raw = value }
  elseif value[1] ~= nil then
    return { [list or "raw"] = value }
  end
  for name, member in pairs(value) do
    part[name] = member
  end
  part.articles, part.docs = part.articles or part.docs, nil
  if list then
    part[list] = part[list] or value
  end
  return part
end

-- Without words its text is `otherwise`, or names the kind.
local function add_part(parts, kind, value, otherwise)
  local part = members_of(kind, value)
  part.kind, part.links = kind, nil
  part.articles = unwrapped(part.articles, parts)
  part.play_list = unwrapped(part.play_list, parts)
  shape.object(PART, part)
  for _, song in ipairs(part.play_list) do
    song.title = song.title or is_words(song.name) and song.name or nil
  end
  part.text = words_of(part, otherwise or "[" .. kind .. "]")
  add(parts, part)
end

-- What an object is, and its members.
local function kind_of(object, parts, hint)
  for _, kind in ipairs(KINDS) do
    local value = object[kind[1]]
    if value ~= nil then
      return kind[2], unwrapped(value, parts)
    end
  end
  local name, value = next(object)
  if type(name) ~= "string" or next(object, name) ~= nil
      or IS_MEMBER[name] then
    return hint or "json", object
  elseif name == "data" and type(value) == "table" and value.docs then
    return "news", value -- of the skill that reads news
  end
  return name, value
end

local add_answer

local function add_object(parts, object, hint, levels)
  local kind, value = kind_of(object, parts, hint)
  if kind == "text" and type(value) == "string" and levels > 0 then
    add_answer(parts, value, nil, levels - 1)
  elseif kind == "multimsg" and type(value) == "table" and levels > 0 then
    for _, element in ipairs(shape.as_list(value)) do
      if #parts == MAX_PARTS then
        break
      end
      add_answer(parts, element, nil, levels - 1)
    end
  else
    add_part(parts, kind, value)
  end
end

function add_answer(parts, answer, hint, levels)
  local object = type(answer) == "table" and answer or decoded(answer, parts)
  if object and (hint or not is_numbers(object)) then
    add_object(parts, object, hint, levels)
  elseif type(answer) ~= "string" or answer == "" then
    return
  elseif looks_like_json(answer) then
    add_part(parts, hint or "json", answer)
  else
    add_text(parts, answer)
  end
end

-- What a built-in skill adds: a name, and JSON or what it would hold.
local function add_detail(parts, name, value)
  local kind, members = kind_of({ [name] = value }, parts)
  members = unwrapped(members, parts)
  if type(members) ~= "table" or next(members) == nil then
    return
  elseif not IS_KNOWN[kind] then
    local inner, of_inner = kind_of(members, parts)
    if IS_KNOWN[inner] then
      kind, members = inner, of_inner
    end
  end
  add_part(parts, kind, members, "")
end

local function add_details(parts, more_info)
  local names = {}
  for name in pairs(more_info) do
    names[#names + 1] = type(name) == "string" and name or nil
  end
  sort(names, core.less)
  for _, name in ipairs(names) do
    add_detail(parts, name, more_info[name])
  end
end

local function is_text(parts)
  for _, part in ipairs(parts) do
    if part.kind ~= "text" then
      return false
    end
  end
  return true
end

-- Music and news in the older way: in the details of the answer.
local function add_msg(parts, msg)
  local songs = {}
  for _, detail in ipairs(msg) do
    local articles = unwrapped(detail.articles, parts)
    if type(articles) == "table" and next(articles) then
      add_part(parts, "news", articles)
    end
    if (detail.music_url or "") ~= "" then
      songs[#songs + 1] = { title = detail.song_name,
        author = detail.singer_name, album_name = detail.album_name,
        album_pic_url = detail.pic_url, url = detail.music_url }
    end
  end
  if #songs > 0 then
    add_part(parts, "music", songs)
  end
end

--- Reads an answer.
---@param answer any text, or JSON in one
---@param answer_type string|nil what the platform says that it is
---@param more_info table|nil details of built-in skills
---@param msg table[]|nil details of the answer, as described
---@return string text what a person would read
---@return table[] parts see M.fields
---@return boolean|nil repaired true: something in its JSON is U+FFFD now
function M.of(answer, answer_type, more_info, msg)
  local parts, lines = {}, {}
  local says = answer_type ~= "text" and answer_type ~= "" and answer_type
  add_answer(parts, answer, says or nil, MAX_LEVELS)
  for _, detail in ipairs(#parts == 0 and msg or {}) do
    add_answer(parts, detail.content, nil, MAX_LEVELS)
  end
  if more_info then
    add_details(parts, more_info)
  end
  if is_text(parts) then
    add_msg(parts, msg or {})
  end
  for _, part in ipairs(parts) do
    lines[#lines + 1] = part.text ~= "" and part.text or nil
  end
  local repaired = parts.repaired
  parts.repaired = nil
  return concat(lines, "\n"), setmetatable(parts, List), repaired
end

--- Adds to a table what its answer says.
---@param to table gets text and rich; repaired, where something is
---@param ... any what M.of takes
---@return table to
function M.add(to, ...)
  local repaired
  to.text, to.rich, repaired = M.of(...)
  to.repaired = repaired or to.repaired
  return to
end

return M
