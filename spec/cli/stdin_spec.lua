-- Without this standard input that cannot be read is taken for an empty text.
--
-- Standard input that cannot be read: a directory.
local run = require "spec.support.command"

describe("standard input that cannot be read", function()
  after_each(run.clean)

  for _, command in ipairs{ "encrypt", "decrypt", "ask -", "chat",
    "jwt encode" } do
    it("is no empty text to " .. command, function()
      local path = run.file()
      local shell = io.popen("bin/wxbot --sandbox " .. command .. " </ 2>"
        .. path .. "; echo $?")
      local said = shell:read("*a")
      shell:close()
      assert.equal("2\n", said)
      assert.equal("wxbot: cannot read standard input: Is a directory\n",
        run.read(path))
    end)
  end
end)
