# Builds, tests and installs wxbot. `make help` says what there is to do.
#
# Set from outside as needed: CC CFLAGS CPPFLAGS LDFLAGS, LUA_INCDIR (headers
# of Lua 5.3, 5.4, 5.5), LUAJIT_INCDIR (empty: no build for LuaJIT), OPENSSL_DIR and
# CURL_DIR (an OpenSSL, a libcurl that is not the system's; what PKG_CONFIG_PATH
# leads to is also the one that will be loaded), LUA and LUAJIT (the interpreters),
# PREFIX and DESTDIR, WERROR=1 (warnings are errors), BUILD (output folder),
# V=1 (show the commands).

CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
BUILD ?= build
LUA ?= lua$(LUA_VERSION)
LUAJIT ?= luajit
export CC BUILD LUA LUAJIT

# Where things are. pkg-config if it knows, otherwise Debian's places.
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
incdir = $(patsubst -I%,%,$(firstword $(foreach name,$(1),\
  $(call pkg,--cflags-only-I $(name)))))

ifndef LUA_INCDIR
LUA_INCDIR := $(or $(call incdir,lua5.4 lua-5.4 lua54),/usr/include/lua5.4)
endif
# What these are of: folders are named after it. LuaJIT says 5.1, and LuaRocks
# gives its headers by this name, too.
lua_number := $(shell echo LUA_VERSION_NUM | $(CC) $(CPPFLAGS) -E -P -x c \
  -include "$(LUA_INCDIR)/lua.h" - 2>/dev/null | grep -x '[0-9(][0-9 *+)]*')
LUA_VERSION := $(if $(lua_number),$(shell n=$$(($(lua_number))) && \
  echo $$((n / 100)).$$((n % 100))),5.4)
ifeq ($(LUA_VERSION),5.1)
override LUAJIT_INCDIR := $(LUA_INCDIR)
else ifeq ($(origin LUAJIT_INCDIR),undefined)
LUAJIT_INCDIR := $(call incdir,luajit)
endif
# $(call from,DIRECTORY,NAME): flags for a library that is installed there
libdir = $(firstword $(wildcard $(1)/lib64 $(1)/lib))
from = $(or $(addprefix -L,$(call libdir,$(1))),$(error no lib in $(1))) \
  -Wl,-rpath,$(call libdir,$(1)) -l$(2)
# A folder that the linker has to be told of, the loader has to be told of too:
# else it takes the system's library, which may be an older one.
comma := ,
loadable = $(1) $(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter -L%,$(1)))
ifdef OPENSSL_DIR
CRYPTO_CFLAGS = -I$(OPENSSL_DIR)/include
CRYPTO_LIBS := $(call from,$(OPENSSL_DIR),crypto)
else
CRYPTO_CFLAGS := $(call pkg,--cflags libcrypto)
CRYPTO_LIBS := $(call loadable,$(or $(call pkg,--libs libcrypto),-lcrypto))
endif
ifdef CURL_DIR
CURL_CFLAGS := -I$(CURL_DIR)/include
CURL_LIBS := $(call from,$(CURL_DIR),curl)
else
CURL_CFLAGS := $(call pkg,--cflags libcurl)
CURL_LIBS := $(call loadable,$(or $(call pkg,--libs libcurl),-lcurl))
endif
# .ci/deps tries the very flags that a build would use. Not exported: a make
# that starts after an installation must look again.
DEPS = PKG_CONFIG="$(PKG_CONFIG)" LUA_INCDIR="$(LUA_INCDIR)" \
  LUA_VERSION="$(LUA_VERSION)" \
  LUAJIT_INCDIR="$(LUAJIT_INCDIR)" \
  CRYPTO_FLAGS="$(CRYPTO_CFLAGS) $(CRYPTO_LIBS)" \
  CURL_FLAGS="$(CURL_CFLAGS) $(CURL_LIBS)" \
  EXPAT_FLAGS="$(EXPAT_LIBS)" FUZZ_CC="$(FUZZ_CC)" .ci/deps

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(WERROR),-Werror)
ALL_CFLAGS = -std=c99 $(WARN) -fPIC -fvisibility=hidden -MMD -MP -Icsrc \
  $(CRYPTO_CFLAGS) $(CURL_CFLAGS) $(CPPFLAGS) $(CFLAGS)
# A Lua module takes Lua's functions from the program that loads it.
SHARED = $(if $(filter Darwin,$(shell uname)),\
  -bundle -undefined dynamic_lookup,-shared)

# One short line per file; the commands themselves with V=1.
Q = $(if $(V),,@)
show = $(if $(V),,@echo "  $(CC) $(1)")

# core.so never loads libcurl and curl.so never loads libcrypto; wx.c, in both,
# uses neither library.
CORE_C := $(wildcard csrc/core/*.c) csrc/wx.c
CURL_C := $(wildcard csrc/curl/*.c) csrc/wx.c
VERSIONS := $(filter-out 5.1,$(LUA_VERSION)) $(if $(LUAJIT_INCDIR),5.1)
MODULES := $(foreach v,$(VERSIONS),\
  $(BUILD)/$(v)/wxbot/core.so $(BUILD)/$(v)/wxbot/curl.so)

all: $(MODULES)  ## build for Lua 5.4 (see LUA_INCDIR) and, where it is found, LuaJIT

# $(1): the folder's Lua version, $(2): where its headers are
define rules
$(BUILD)/$(1)/obj/%.o: csrc/%.c Makefile
	@mkdir -p $$(@D)
	@test -e "$(2)/lua.h" || { \
	  echo "no lua.h in $(2): run 'make deps', or set LUA_INCDIR" >&2; exit 1; }
	$$(call show,$$@)
	$$(Q)$$(CC) $$(ALL_CFLAGS) "-I$(2)" -c -o $$@ $$<

$(BUILD)/$(1)/wxbot/core.so: $(CORE_C:csrc/%.c=$(BUILD)/$(1)/obj/%.o) $(MORE_O)
	@mkdir -p $$(@D)
	$$(call show,$$@)
	$$(Q)$$(CC) $$(SHARED) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(CRYPTO_LIBS)

$(BUILD)/$(1)/wxbot/curl.so: $(CURL_C:csrc/%.c=$(BUILD)/$(1)/obj/%.o) $(MORE_O)
	@mkdir -p $$(@D)
	$$(call show,$$@)
	$$(Q)$$(CC) $$(SHARED) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(CURL_LIBS) -pthread

$(BUILD)/$(1)/spec/process.so: spec/support/process.c Makefile
	@mkdir -p $$(@D)
	$$(call show,$$@)
	$$(Q)$$(CC) -std=c99 $$(WARN) -fPIC $$(SHARED) $$(CFLAGS) $$(LDFLAGS) "-I$(2)" \
	  -o $$@ $$<

-include $$(wildcard $(BUILD)/$(1)/obj/*.d $(BUILD)/$(1)/obj/*/*.d)
endef
$(if $(filter-out 5.1,$(LUA_VERSION)),\
  $(eval $(call rules,$(LUA_VERSION),$(LUA_INCDIR))))
$(if $(LUAJIT_INCDIR),$(eval $(call rules,5.1,$(LUAJIT_INCDIR))))

deps:  ## install the packages that running and building need
	@$(DEPS) run build

deps-nginx:  ## also those that serving and receiving need: nginx, LuaJIT
	@$(DEPS) run build nginx

# What a recipe installs is only seen by a make that starts after it.
demo:  ## install what is missing, build, run examples/demo.lua
	@$(DEPS) run build
	@$(MAKE) --no-print-directory all
	@.ci/lua $(LUA_VERSION) examples/demo.lua

check:  ## the specs that start no process, on both Luas: seconds
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory WERROR=1 all
	@VERSIONS="$(filter-out 5.1,$(LUA_VERSION)) 5.1" .ci/test check

test:  ## every spec on both Luas (SPEC=spec/... for some), and luacheck
	@$(DEPS) run build test $(if $(HARDEN),fuzz)
	@$(MAKE) --no-print-directory WERROR=1 all $(SPEC_C)
	@VERSIONS="$(filter-out 5.1,$(LUA_VERSION)) 5.1" .ci/test $(SPEC)

# What specs take besides: a module, and a server that does more than the
# command openssl.
SPEC_C := $(BUILD)/spec/renegotiate $(VERSIONS:%=$(BUILD)/%/spec/process.so)

$(BUILD)/spec/%: spec/server/%.c Makefile
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) $(CRYPTO_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< \
	  -lssl $(CRYPTO_LIBS)

lint:  ## what luacheck, .ci/style, cppcheck, clang-tidy and compilers say
	@$(DEPS) run build lint
	luacheck -q .
	.ci/style
	! grep -nE '\<(strcpy|strcat|v?sprintf|gets|strtok|atoi) *\(' csrc/*.[ch] csrc/*/*.[ch]
	cppcheck -q --std=c99 --enable=warning,portability --error-exitcode=1 \
	  -I csrc csrc
	@mkdir -p $(BUILD)
	clang-tidy --quiet csrc/*.c csrc/*/*.c -- -std=c99 -Icsrc $(CRYPTO_CFLAGS) $(CURL_CFLAGS) \
	  "-I$(LUA_INCDIR)" 2>$(BUILD)/tidy.log || { cat $(BUILD)/tidy.log; exit 1; }
	@rm -rf $(BUILD)/lint
	@set -e; for cc in gcc clang; do \
	  echo "== $$cc"; \
	  $(MAKE) --no-print-directory CC=$$cc BUILD=$(BUILD)/lint/$$cc \
	    WERROR=1 all; \
	done

format:  ## end lines and files as they should; name what else .ci/style sees
	@.ci/style --fix

# Plain libcurl in C, what the HTTP measurements are ratios to.
FLOORS := $(BUILD)/bench/http_floor $(BUILD)/bench/tick \
  $(BUILD)/bench/tick_engine

$(BUILD)/bench/%: bench/%.c Makefile
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) $(CURL_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(CURL_LIBS)

# The same over the engine of a loop: the floor of any language.
$(BUILD)/bench/tick_engine: bench/tick.c $(CURL_C) Makefile
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) -DENGINE -Icsrc -Icsrc/curl "-I$(LUA_INCDIR)" \
	  $(CURL_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(CURL_C) $(CURL_LIBS) \
	  $(LUA_LIBS)

# Plain OpenSSL in C, what tokens and messages are ratios to.
CORE_FLOOR := $(BUILD)/bench/floor

$(CORE_FLOOR): bench/floor.c Makefile
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) $(CRYPTO_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< \
	  $(CRYPTO_LIBS)

bench: all $(CORE_FLOOR)  ## tokens, messages, calls, growth, on both Luas, in one run
	@.ci/lua $(LUA_VERSION) bench/bench.lua $(BUILD)/bench.json

# Two libraries of Node that `make bench` compares with where they are.
bench-peers:  ## get what else make bench compares with, into build/
	@$(call package,npm --version,bench-peers,nodejs npm)
	npm install --no-audit --no-fund --prefix $(BUILD)/peers \
	  jsonwebtoken@9 @wecom/crypto@1
	@.ci/lua $(LUA_VERSION) -e 'require "openssl.hmac"' 2>/dev/null || \
	  echo "for luaossl, the package of Debian: lua-luaossl"

bench-dialogue: all  ## the sandbox's dialogue with 10,000 questions
	@set -e; for v in $(VERSIONS); do \
	  echo "== Lua $$v"; .ci/lua $$v bench/dialogue.lua; \
	done

bench-http: all $(FLOORS)  ## calls over HTTP and HTTPS against libcurl in C
	@set -e; for v in $(VERSIONS); do \
	  echo "== Lua $$v"; .ci/lua $$v bench/http.lua; \
	done

bench-tick: all $(FLOORS)  ## a loop in a game's tick against libcurl in C
	@set -e; for v in $(VERSIONS); do \
	  echo "== Lua $$v"; .ci/lua $$v bench/tick.lua; \
	done

bench-inbox-redis: all  ## what one Redis carries of an inbox
	@.ci/lua $(LUA_VERSION) bench/inbox_redis.lua

bench-inbox: all  ## what an inbox in a file adds to a push
	@set -e; for v in $(VERSIONS); do .ci/lua $$v bench/inbox.lua; done

bench-nginx: all  ## 1,000 clients of examples/openresty, and /ping beside
	@bench/nginx/run

# $(call package,COMMAND,TARGET,PACKAGES): ends unless the command works
package = $(1) >/dev/null 2>&1 </dev/null || { \
  echo "make $(2) needs, as packages of Debian: $(3)" >&2; exit 1; }
# What takes longer than specs, or needs more; and what is made for others.
-include spec/hardening/hardening.mk
-include packaging/packaging.mk

docs: all  ## write the references and types/wxbot.lua from the descriptions
	@.ci/lua $(LUA_VERSION) docs/generate.lua

TO = $(DESTDIR)$(PREFIX)

# Where install puts things, of each Lua. LuaRocks sets LUADIR, LIBDIR, BINDIR;
# Debian's LIB has the architecture in it.
LIB = lib
lua_files = $(or $(LUADIR),$(TO)/share/lua/$(1))
lua_modules = $(or $(LIBDIR),$(TO)/$(LIB)/lua/$(1))
commands = $(or $(BINDIR),$(TO)/bin)

# The command runs on Lua 5.4, or what LuaRocks puts in place of it: VERSIONS=5.1
# is for hosts of LuaJIT, and is without it.
command = $(BINDIR)$(filter-out 5.1,$(VERSIONS))

# Folders that others can read, too, whoever installs.
install: all  ## install into PREFIX, below DESTDIR if set
	@set -e; umask 022; for v in $(VERSIONS); do \
	  mkdir -p "$(call lua_modules,$$v)/wxbot"; \
	  install -m 755 $(BUILD)/$$v/wxbot/*.so "$(call lua_modules,$$v)/wxbot/"; \
	  (cd lua && find wxbot -name '*.lua' -o -path '*/console/*.*') | while read -r file; do \
	    mkdir -p "$(call lua_files,$$v)/$${file%/*}"; \
	    install -m 644 "lua/$$file" "$(call lua_files,$$v)/$$file"; \
	  done; \
	done; \
	$(if $(command),mkdir -p "$(commands)"; \
	  install -m 755 bin/wxbot "$(commands)/wxbot")

uninstall:  ## remove what install put there
	rm -rf $(foreach v,$(sort 5.1 5.4 $(LUA_VERSION)),"$(call lua_files,$v)/wxbot" \
	  "$(call lua_modules,$v)/wxbot") \
	  $(if $(command),"$(commands)/wxbot")

clean:  ## remove what was built
	rm -rf $(BUILD)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(filter-out %.d,$(MAKEFILE_LIST)) | \
	  while read -r name text; do printf '%-15s %s\n' "$$name" "$$text"; done

.DELETE_ON_ERROR:
.PHONY: all deps deps-nginx demo check test lint format bench bench-peers bench-dialogue bench-http bench-tick \
  bench-inbox bench-inbox-redis bench-nginx install uninstall clean help docs
