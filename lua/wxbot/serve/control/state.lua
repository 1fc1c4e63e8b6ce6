--- Control: what the platform remembers, and how it behaves.

local json = require "wxbot.codec.json"
local method = require "wxbot.serve.control.method"

local call, done = method.call, method.done
local next, type = next, type

local M = {}

--- What runs here.
M.about = { GET = function(context)
  return context.about()
end }

M.reset = { POST = function(context)
  local answer, message, status = done(context.sandbox:reset())
  context.on_reset()
  return answer, message, status
end }

M.faults = {
  GET = function(context)
    return { faults = json.list(context.sandbox:faults()) }
  end,
  POST = function(context, request)
    return done(call(context.sandbox, "fail", request.body))
  end,
  DELETE = function(context)
    return done(context.sandbox:forget_faults())
  end,
}

--- A body is what a skills file holds; without one the file is read anew.
M.skills = { POST = function(context, request)
  local source = next(request.body) and request.body or context.skills
  if not source then
    return nil, "there is no skills file: expected what one holds"
  end
  local _, err = context.sandbox:load_skills(source)
  return done(nil, err and err.message, 400)
end }

M.clock = {
  GET = function(context)
    return { time = context.sandbox:time() }
  end,
  POST = function(context, request)
    local seconds = request.body.skip
    if type(seconds) ~= "number" or not (seconds >= 0 and seconds < 1e9) then
      return nil, "skip must be seconds, from 0 on"
    end
    local moved, err = context.sandbox:sleep(seconds)
    if not moved then
      return nil, err.message, 503
    end
    return { time = context.sandbox:time() }
  end,
}

M.tags = { GET = function(context, request)
  local openid, sandbox = request.args.openid, context.sandbox
  local result = { count = sandbox:tagged() }
  if openid then
    result.tags = json.list(sandbox:tags(openid))
  else
    result.users = json.list(sandbox:tagged_users())
  end
  return result
end }

-- A list, and a way to add to it, if there is one.
local function listed(name, add, id)
  return {
    GET = function(context)
      return { [name] = json.list(context.sandbox[name](context.sandbox)) }
    end,
    POST = add and function(context, request)
      local result, message, status = call(context.sandbox, add, request.body)
      return result and { [id] = result }, message, status
    end,
  }
end

M.tasks = listed("tasks", "add_task", "task_id")
M.publications = listed("publications", "add_publication", "publish_id")
M.drafts = listed("drafts", "add_draft", "media_id")
M.materials = listed("materials")

return M
