-- Causes in material and drafts.
return {
  not_multipart = { "Content-Type is {1}, and so no file is found.",
    "Send multipart/form-data, with the boundary behind it." },
  boundary = { "Content-Type names no boundary that can be read: {1}.",
    "Write boundary=… at its end, without quotes." },
  no_parts = { "The body is not divided by the boundary of Content-Type.",
    "Put --, the boundary and a line end (CR LF) before each part, and --, the "
    .. "boundary and -- at the end." },
  no_media = { "The form has no file in a part named media.",
    "Send Content-Disposition: form-data; name=\"media\"; filename=\"…\", with "
    .. "both in quotes." },
  empty_file = { "The file is empty.", "Send its bytes." },
  file_format = { "The file is none of {1}, by its first bytes.",
    "Convert it; another name is not enough." },
  file_size = { "The file has {1} bytes.", "Send {2} at most." },
  no_description = { "The video has no description.", "Add a part named "
    .. "description: {\"title\":\"…\",\"introduction\":\"…\"}." },

  no_articles = { "The body has no list articles with something in it.",
    "Send {\"articles\":[{…}]}, with the names as the documents have them." },
  many_articles = { "There are {1} articles.", "Send 8 at most." },
  field_too_long = { "{1} has {2}.", "Send {3} at most." },
  unknown_image = { "{1} names no permanent image: {2}.", "Send the media_id "
    .. "that material/add_material answered; a temporary one is none." },
  many_images = { "There are {1} pictures.", "Send 20 at most." },
  unknown_draft = { "There is no draft {1}.", "Send the media_id that draft/add "
    .. "answered; a draft that was submitted or deleted has left the box." },
}
