-- Causes in the request itself: its path, its method, what its body is.
local JSON = "Send the header Content-Type: application/json and a JSON object."

return {
  refused = { "The platform answers {1}: {2}.",
    "Look the code up in the list of error codes." },
  injected = { "This failure was asked for, by whoever runs the emulator.",
    "Nothing is wrong with the request; remove the fault, or send it again." },
  unanswered = { "The emulator has no answer for {1}.",
    "Send it to the platform." },
  unknown_path = { "There is no interface at {1}.",
    "Compare the path with the documents, letter by letter." },
  similar_path = { "There is no interface at {1}.",
    "Send it to {2}." },
  no_token = { "The TOKEN is missing at the end of the path.",
    "Send it to {1}, with the bot's TOKEN as the last part." },
  body_too_long = { "The body has more than {1} bytes, and was not read.",
    "Send less at once, in several requests." },
  method = { "The method is {1}.", "Send it with {2}." },
  method_case = { "The method is {1}, in small letters, which is another one.",
    "Write it {2}." },

  no_content_type = { "The header Content-Type is missing, and so nothing is "
    .. "read from the body.", JSON },
  content_type = { "Content-Type is {1}, and so nothing is read from the body.",
    JSON },
  no_body = { "The body is empty.", JSON },
  form_for_json = { "The body is a form, and Content-Type calls it JSON.",
    JSON },
  json_for_form = { "The body is JSON, and Content-Type calls it a form.",
    JSON },
  xml_for_json = { "The body is XML, where a JSON object is wanted.", JSON },
  json_in_string = { "The body is a JSON string that holds the object: it was "
    .. "encoded twice.", "Encode the object once, and send that text as it is." },
  json_list = { "The body is a JSON list, where an object is wanted.",
    "Send one object, without brackets around it." },
  json_scalar = { "The body is JSON, but no object.", JSON },
  single_quotes = { "The body has single quotes, as programs print a table, "
    .. "which is not JSON.", "Encode it with a JSON library; strings have "
    .. "double quotes." },
  not_json = { "The body is not JSON: {1}.",
    "Encode it with a JSON library, as UTF-8." },
  bad_form = { "The form has more than 100 fields, or bytes that are not "
    .. "UTF-8.", "Send the documented fields only, percent-encoded UTF-8." },
  too_many_arguments = { "The query of the URL has more than 100 arguments.",
    "Send the documented arguments only." },
}
