--- help, version, completion: the command itself.

local output = require "wxbot.cli.output"
local versions = require "wxbot.cli.versions"

local SHELLS = { "bash", "zsh", "fish" }

-- As with --help at its end, which ends the run.
local function help(session)
  local words = session.options.words
  words[#words + 1] = "--help"
  session.parser:parse(words)
end

local function version(session)
  session:show(versions.get(), nil, function()
    output.print(versions.text())
  end)
end

local function completion(session)
  local parser = session.parser
  local script = parser["get_" .. session.options.shell .. "_complete"](parser)
  session:show({ script = script }, nil, function()
    output.write(script)
  end)
end

return {
  { name = "help", summary = "Show the help of a command",
    prints = "what COMMAND --help prints",
    arguments = { { name = "words", args = "*",
      doc = "Name of the command: one word, or two" } }, run = help },
  { name = "version", summary = "Print the versions of wxbot and of its parts",
    prints = "the version of wxbot; on a second line those of Lua, OpenSSL and "
      .. "libcurl",
    json = {
      { name = "wxbot", doc = "Version of wxbot" },
      { name = "lua", doc = "Lua that runs it" },
      { name = "openssl", doc = "OpenSSL that was loaded" },
      { name = "libcurl", doc = "libcurl that was loaded; absent where none "
        .. "can be" },
    }, run = version },
  { name = "completion", summary = "Print what completes commands in a shell",
    doc = "bash: source <(wxbot completion bash)\n"
      .. "zsh: wxbot completion zsh >\"${fpath[1]}/_wxbot\"\n"
      .. "fish: wxbot completion fish "
      .. ">~/.config/fish/completions/wxbot.fish",
    prints = "a script for the shell",
    json = { { name = "script", doc = "The script" } },
    arguments = { { name = "shell", enum = SHELLS, doc = "Which shell" } },
    run = completion },
}
