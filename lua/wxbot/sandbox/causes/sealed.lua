-- Causes in what is encrypted; the command `wxbot decrypt` names them, too.
local WHOLE = "Take the whole of it, from its first character to its last."
local LAYOUT = "Seal 16 random bytes, 4 bytes of length (big endian), the "
  .. "text and the appid, padded to blocks of 32 bytes; `wxbot encrypt` does."
local PAD = "Pad to blocks of 32 bytes (16 in version 2) with bytes that are "
  .. "each their number; the libraries' own padding has blocks of 16."
local ALONE = 'Send {"encrypt":"…"} with the base64 of the encrypted text '
  .. "alone."

return {
  -- what stands around it
  no_encrypt = { "The body has no member named encrypt.", ALONE },
  other_name = { "The member is named {1}, and the platform reads encrypt.",
    ALONE },
  encrypt_type = { "encrypt is of type {1}, where a string is wanted.", ALONE },
  sealed_alone = { "The body is the base64 alone, without the JSON around it.",
    ALONE },
  wrapped = { "The base64 stands in JSON, and version 2 wants it alone.",
    "Send the base64 as the whole body." },
  xml_in_clear = { "The XML is not encrypted.", LAYOUT },
  json_in_clear = { "The JSON is not encrypted.", "Encrypt the JSON with "
    .. "AES-256-CBC and send its base64 as the whole body." },
  envelope = { "encrypt holds a whole XML envelope, with Encrypt and "
    .. "MsgSignature in it.", "Send the base64 of Encrypt alone; with the "
    .. "usual class call encrypt, not encryptMsg." },

  -- its base64
  no_sealed = { "There is nothing to decrypt.",
    "Give the body of the push, or the base64 in it." },
  jwt_for_sealed = { "It is a signed token (JWT), which is not encrypted.",
    "Read it with: wxbot jwt decode." },
  nothing_sealed = { "There is nothing sealed in it: it has no encrypted, "
    .. "encrypt, Encrypt or echostr.", "A message in the clear needs no key; "
    .. "otherwise give the whole body." },
  base64 = { "It is not base64: {1} at position {2} of {3}.", WHOLE },
  base64url = { "It is base64url, with - and _ for + and /, or without =.",
    "Encode with the standard alphabet and padding." },
  base64_lines = { "The base64 is broken into lines.",
    "Encode without line feeds." },
  blanks_for_plus = { "Blanks stand for + in the base64: it went through a form.",
    "Send it in JSON, or percent-encode the + of a form." },
  hex = { "It is written in hexadecimal digits, not in base64.",
    "Encode the encrypted bytes with base64." },
  spare_bits = { "It is not base64: its last character stands for more than "
    .. "the bytes there are.", WHOLE },
  size = { "It is cut off, or something is missing: {1} characters of base64 "
    .. "are {2} bytes, which is no multiple of 16.", WHOLE },
  too_long = { "It is too long to be decrypted.", WHOLE },

  -- its key and IV
  wrong_key = { "The key is wrong: nothing that this one makes of it has the "
    .. "shape of a message.", "Use the same EncodingAESKey (WXBOT_AES_KEY) "
    .. "where it is sealed and where it is opened, or the one before if it was "
    .. "changed lately." },
  undecoded_key = { "The key is the first 32 characters of the EncodingAESKey, "
    .. "which are not the key.", "Decode the EncodingAESKey with = behind it as "
    .. "base64: these 32 bytes are the key." },
  ecb = { "The key is right, but the mode is ECB.",
    "Encrypt with AES-256-CBC; the IV is the first 16 bytes of the key." },
  zero_iv = { "The key is right, but the IV was 16 zero bytes.",
    "The IV is the first 16 bytes of the key." },
  iv = { "The key is right, but the first 16 bytes are not: its beginning is "
    .. "cut off, or it was sealed with another IV.",
    "Take the whole of it; the IV is the first 16 bytes of the key." },

  -- its layout
  padding_16 = { "The key is right, but the padding is of blocks of 16 bytes.",
    PAD },
  no_padding = { "The key is right, but there is no padding, or one of zeros.",
    PAD },
  padding_end = { "The key is right, but what follows the appid is no padding.",
    PAD },
  cut_padding = { "The key is right, but there is no padding, or the end is cut "
    .. "off.", PAD },
  other_appid = { "The key is right, but it was sealed for the appid {1}, not "
    .. "for {2}.", "Put the bot's own APPID (WXBOT_APPID) behind the text, on "
    .. "both sides the same." },
  no_appid = { "The key is right, but no appid ends it.", LAYOUT },
  little_endian = { "The key is right, but its length field is little endian.",
    "Write the number of bytes of the text as 4 bytes, big endian." },
  length = { "The key is right, but its length field is wrong: it says {1}, and "
    .. "the text has {2} bytes.", "Write the number of bytes of the text, not "
    .. "of its characters, as 4 bytes, big endian." },
  no_random = { "The key is right, but the 16 random bytes before the length "
    .. "are missing.", LAYOUT },
  no_length = { "The key is right, but the 4 bytes of length before the text "
    .. "are missing.", LAYOUT },
  bare = { "The key is right, but there is the text alone, without random "
    .. "bytes, length and appid: so version 2 and the service interface have "
    .. "it.", LAYOUT },
  framed = { "The key is right, but random bytes, length and appid are around "
    .. "the JSON: so version 1 has it.", "Encrypt the JSON alone, padded to "
    .. "blocks of 16 bytes; `wxbot encrypt --v2` does." },
  layout = { "The key is right, but the text begins after {1} bytes instead of "
    .. "20.", LAYOUT },
  cut_off = { "The key is right, but the end is cut off: its length field says "
    .. "{1} bytes of text, and {2} are there.", WHOLE },
  unknown_content = { "The key seems right, for the padding is good, but what "
    .. "is in it is no message.", LAYOUT },

  -- the text in it
  not_utf8 = { "It decrypts, but what is in it is not UTF-8.",
    "Encode the text as UTF-8 before it is encrypted." },
  json_for_xml = { "It decrypts, but JSON is in it, and the platform reads XML.",
    "Write the fields as elements below <xml>." },
  sealed_not_json = { "It decrypts, but what is in it is no JSON object: {1}.",
    "Encode it with a JSON library, as UTF-8." },
  cdata_end = { "It decrypts, but a text in it holds ]]>, which ends its CDATA "
    .. "section.", "Write ]]> in a text as ]]]]><![CDATA[>." },
  ampersand = { "It decrypts, but its XML has an & or < in a text.",
    "Put texts into CDATA sections, or write &amp; and &lt;." },
  doctype = { "It decrypts, but its XML has a DOCTYPE or entities, which are "
    .. "refused.", "Send elements and texts only." },
  not_xml = { "It decrypts, but what is in it is not XML: {1}.",
    "Write it with an XML library; compare it with what `wxbot decrypt` shows." },
  xml_root = { "It decrypts, but the document is {1}, and the platform reads "
    .. "<xml>.", "Name the outermost element xml, in small letters." },
  field_twice = { "It decrypts, but {1} is there twice.",
    "Send it once; only what the documents call a list may be repeated." },
}
