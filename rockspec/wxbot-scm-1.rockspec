-- Built from a checkout: luarocks --lua-version 5.4 make --deps-mode=none
-- (--deps-mode=none: Debian's own lua-cjson, lua-expat and lua-argparse do).
-- spec/rockspec_spec.lua keeps the lists below complete.
rockspec_format = "3.0"
package = "wxbot"
version = "scm-1"

-- There is no public repository yet. The format wants an address; this one is
-- a reserved name that leads nowhere, and `luarocks make` does not look at it.
source = { url = "git+https://example.org/wxbot.git" }

description = {
  summary = "The WeChat conversation platform from Lua",
  detailed = [[
    Ask the bot, tag users, follow tasks and publications, with the platform
    embedded for trying all of it without an account. For Lua 5.4 and LuaJIT.
  ]],
  license = "MIT",
  labels = { "wechat", "chatbot", "http" },
}

-- 5.1 is there for LuaJIT; the C part refuses to build for other Luas.
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1.0",
  "luaexpat >= 1.4.0",
  "argparse >= 0.7.0",
}

external_dependencies = {
  CRYPTO = { header = "openssl/evp.h", library = "crypto" },
  -- No header: Debian keeps it where LuaRocks does not look but the compiler does.
  CURL = { library = "curl" },
}

build = {
  type = "builtin",
  modules = {
    ["wxbot.core"] = {
      sources = {
        "csrc/aes.c",
        "csrc/codec.c",
        "csrc/core.c",
        "csrc/digest.c",
        "csrc/jsontext.c",
        "csrc/jwt.c",
        "csrc/msgcrypt.c",
        "csrc/rawcrypt.c",
        "csrc/wx.c",
      },
      incdirs = { "$(CRYPTO_INCDIR)" },
      libdirs = { "$(CRYPTO_LIBDIR)" },
      libraries = { "crypto" },
    },
    ["wxbot.curl"] = {
      sources = {
        "csrc/http.c",
        "csrc/httpend.c",
        "csrc/httpreq.c",
        "csrc/httpstep.c",
        "csrc/httpwait.c",
        "csrc/wx.c",
      },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
      libraries = { "curl" },
    },
    ["wxbot"] = "lua/wxbot/init.lua",
    ["wxbot.bot"] = "lua/wxbot/bot.lua",
    ["wxbot.breaker"] = "lua/wxbot/breaker.lua",
    ["wxbot.call"] = "lua/wxbot/call.lua",
    ["wxbot.cli"] = "lua/wxbot/cli/init.lua",
    ["wxbot.cli.command.crypto"] = "lua/wxbot/cli/command/crypto.lua",
    ["wxbot.cli.command.follow"] = "lua/wxbot/cli/command/follow.lua",
    ["wxbot.cli.command.kefu"] = "lua/wxbot/cli/command/kefu.lua",
    ["wxbot.cli.command.release"] = "lua/wxbot/cli/command/release.lua",
    ["wxbot.cli.command.serve"] = "lua/wxbot/cli/command/serve.lua",
    ["wxbot.cli.command.tag"] = "lua/wxbot/cli/command/tag.lua",
    ["wxbot.cli.command.talk"] = "lua/wxbot/cli/command/talk.lua",
    ["wxbot.cli.config"] = "lua/wxbot/cli/config.lua",
    ["wxbot.cli.interrupt"] = "lua/wxbot/cli/interrupt.lua",
    ["wxbot.cli.openids"] = "lua/wxbot/cli/openids.lua",
    ["wxbot.cli.output"] = "lua/wxbot/cli/output.lua",
    ["wxbot.cli.parser"] = "lua/wxbot/cli/parser.lua",
    ["wxbot.cli.progress"] = "lua/wxbot/cli/progress.lua",
    ["wxbot.cli.session"] = "lua/wxbot/cli/session.lua",
    ["wxbot.cli.terminal"] = "lua/wxbot/cli/terminal.lua",
    ["wxbot.code"] = "lua/wxbot/code.lua",
    ["wxbot.endpoint"] = "lua/wxbot/endpoint/init.lua",
    ["wxbot.endpoint.aibot"] = "lua/wxbot/endpoint/aibot.lua",
    ["wxbot.endpoint.batchimportskill"] = "lua/wxbot/endpoint/batchimportskill.lua",
    ["wxbot.endpoint.freepublish_batchget"] = "lua/wxbot/endpoint/freepublish_batchget.lua",
    ["wxbot.endpoint.freepublish_delete"] = "lua/wxbot/endpoint/freepublish_delete.lua",
    ["wxbot.endpoint.freepublish_get"] = "lua/wxbot/endpoint/freepublish_get.lua",
    ["wxbot.endpoint.freepublish_getarticle"] = "lua/wxbot/endpoint/freepublish_getarticle.lua",
    ["wxbot.endpoint.freepublish_submit"] = "lua/wxbot/endpoint/freepublish_submit.lua",
    ["wxbot.endpoint.kefustate_change"] = "lua/wxbot/endpoint/kefustate_change.lua",
    ["wxbot.endpoint.kefustate_get"] = "lua/wxbot/endpoint/kefustate_get.lua",
    ["wxbot.endpoint.label_batchset"] = "lua/wxbot/endpoint/label_batchset.lua",
    ["wxbot.endpoint.message"] = "lua/wxbot/endpoint/message.lua",
    ["wxbot.endpoint.nlp"] = "lua/wxbot/endpoint/nlp.lua",
    ["wxbot.endpoint.publish"] = "lua/wxbot/endpoint/publish.lua",
    ["wxbot.endpoint.publish_progress"] = "lua/wxbot/endpoint/publish_progress.lua",
    ["wxbot.endpoint.sendmsg"] = "lua/wxbot/endpoint/sendmsg.lua",
    ["wxbot.endpoint.setautoreply"] = "lua/wxbot/endpoint/setautoreply.lua",
    ["wxbot.endpoint.sign"] = "lua/wxbot/endpoint/sign.lua",
    ["wxbot.endpoint.task_fetch"] = "lua/wxbot/endpoint/task_fetch.lua",
    ["wxbot.envelope"] = "lua/wxbot/envelope.lua",
    ["wxbot.error"] = "lua/wxbot/error.lua",
    ["wxbot.heap"] = "lua/wxbot/heap.lua",
    ["wxbot.import"] = "lua/wxbot/import.lua",
    ["wxbot.json"] = "lua/wxbot/json.lua",
    ["wxbot.jwt"] = "lua/wxbot/jwt.lua",
    ["wxbot.loop"] = "lua/wxbot/loop.lua",
    ["wxbot.publications"] = "lua/wxbot/publications.lua",
    ["wxbot.redact"] = "lua/wxbot/redact.lua",
    ["wxbot.retry"] = "lua/wxbot/retry.lua",
    ["wxbot.sandbox"] = "lua/wxbot/sandbox/init.lua",
    ["wxbot.sandbox.answer.aibot"] = "lua/wxbot/sandbox/answer/aibot.lua",
    ["wxbot.sandbox.answer.batchimportskill"] = "lua/wxbot/sandbox/answer/batchimportskill.lua",
    ["wxbot.sandbox.answer.freepublish_batchget"] =
      "lua/wxbot/sandbox/answer/freepublish_batchget.lua",
    ["wxbot.sandbox.answer.freepublish_delete"] = "lua/wxbot/sandbox/answer/freepublish_delete.lua",
    ["wxbot.sandbox.answer.freepublish_get"] = "lua/wxbot/sandbox/answer/freepublish_get.lua",
    ["wxbot.sandbox.answer.freepublish_getarticle"] =
      "lua/wxbot/sandbox/answer/freepublish_getarticle.lua",
    ["wxbot.sandbox.answer.freepublish_submit"] = "lua/wxbot/sandbox/answer/freepublish_submit.lua",
    ["wxbot.sandbox.answer.kefustate_change"] = "lua/wxbot/sandbox/answer/kefustate_change.lua",
    ["wxbot.sandbox.answer.kefustate_get"] = "lua/wxbot/sandbox/answer/kefustate_get.lua",
    ["wxbot.sandbox.answer.label_batchset"] = "lua/wxbot/sandbox/answer/label_batchset.lua",
    ["wxbot.sandbox.answer.message"] = "lua/wxbot/sandbox/answer/message.lua",
    ["wxbot.sandbox.answer.nlp"] = "lua/wxbot/sandbox/answer/nlp.lua",
    ["wxbot.sandbox.answer.publish"] = "lua/wxbot/sandbox/answer/publish.lua",
    ["wxbot.sandbox.answer.publish_progress"] = "lua/wxbot/sandbox/answer/publish_progress.lua",
    ["wxbot.sandbox.answer.sendmsg"] = "lua/wxbot/sandbox/answer/sendmsg.lua",
    ["wxbot.sandbox.answer.setautoreply"] = "lua/wxbot/sandbox/answer/setautoreply.lua",
    ["wxbot.sandbox.answer.sign"] = "lua/wxbot/sandbox/answer/sign.lua",
    ["wxbot.sandbox.answer.task_fetch"] = "lua/wxbot/sandbox/answer/task_fetch.lua",
    ["wxbot.sandbox.content"] = "lua/wxbot/sandbox/content.lua",
    ["wxbot.sandbox.default_skills"] = "lua/wxbot/sandbox/default_skills.lua",
    ["wxbot.sandbox.demo"] = "lua/wxbot/sandbox/demo.lua",
    ["wxbot.sandbox.dialogue"] = "lua/wxbot/sandbox/dialogue.lua",
    ["wxbot.sandbox.jobs"] = "lua/wxbot/sandbox/jobs.lua",
    ["wxbot.sandbox.kefu"] = "lua/wxbot/sandbox/kefu.lua",
    ["wxbot.sandbox.lexicon"] = "lua/wxbot/sandbox/lexicon.lua",
    ["wxbot.sandbox.reply"] = "lua/wxbot/sandbox/reply.lua",
    ["wxbot.sandbox.scorer"] = "lua/wxbot/sandbox/scorer.lua",
    ["wxbot.sandbox.skills"] = "lua/wxbot/sandbox/skills.lua",
    ["wxbot.sandbox.tags"] = "lua/wxbot/sandbox/tags.lua",
    ["wxbot.sandbox.tokens"] = "lua/wxbot/sandbox/tokens.lua",
    ["wxbot.schema"] = "lua/wxbot/schema.lua",
    ["wxbot.serve"] = "lua/wxbot/serve/init.lua",
    ["wxbot.serve.conf"] = "lua/wxbot/serve/conf.lua",
    ["wxbot.serve.native"] = "lua/wxbot/serve/native.lua",
    ["wxbot.serve.program"] = "lua/wxbot/serve/program.lua",
    ["wxbot.serve.worker"] = "lua/wxbot/serve/worker.lua",
    ["wxbot.signature"] = "lua/wxbot/signature.lua",
    ["wxbot.tag"] = "lua/wxbot/tag.lua",
    ["wxbot.transport.curl"] = "lua/wxbot/transport/curl.lua",
    ["wxbot.transport.default"] = "lua/wxbot/transport/default.lua",
    ["wxbot.transport.http1"] = "lua/wxbot/transport/http1.lua",
    ["wxbot.transport.resty"] = "lua/wxbot/transport/resty.lua",
    ["wxbot.wait"] = "lua/wxbot/wait.lua",
    ["wxbot.wire.encrypted_xml"] = "lua/wxbot/wire/encrypted_xml.lua",
    ["wxbot.wire.json"] = "lua/wxbot/wire/json.lua",
    ["wxbot.wire.signed_query"] = "lua/wxbot/wire/signed_query.lua",
    ["wxbot.xml"] = "lua/wxbot/xml.lua",
  },
  install = { bin = { "bin/wxbot" } },
}
