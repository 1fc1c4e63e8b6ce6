# What hardens: it takes longer than specs, or needs more. The Makefile at the
# top includes this and has the flags; `make fuzz` and the others run there.
HARDENING := spec/hardening
MK := Makefile $(HARDENING)/hardening.mk

# libFuzzer is a part of clang: these are built by it, whatever CC is.
# The checks of some are in C, of others in Lua.
FUZZ_IN_LUA := jwt json answer http query receive sandbox
FUZZ := base64 decrypt verify $(FUZZ_IN_LUA) xml curl
FUZZ_CC ?= clang
FUZZ_WATCH = -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all
FUZZ_CFLAGS = -std=c99 $(WARN) -g -O1 -fno-omit-frame-pointer $(FUZZ_WATCH) \
  $(CRYPTO_CFLAGS) $(CURL_CFLAGS) "-I$(LUA_INCDIR)" -Icsrc -Icsrc/curl -MMD -MP
FUZZ_O := $(CORE_C:csrc/%.c=$(BUILD)/fuzz/obj/%.o) $(BUILD)/fuzz/obj/fuzz.o
FUZZ_CURL_O := $(patsubst csrc/%.c,$(BUILD)/fuzz/obj/%.o,\
  $(filter csrc/curl/%,$(CURL_C)))
LUA_LIBS = $(or $(call pkg,--libs lua5.4),-llua5.4)
LUAJIT_LIBS = $(or $(call pkg,--libs luajit),-lluajit-5.1)
EXPAT_LIBS = $(or $(call pkg,--libs expat),-lexpat)

$(BUILD)/fuzz/obj/%.o: csrc/%.c $(MK)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -c -o $@ $<

$(BUILD)/fuzz/obj/fuzz.o: $(HARDENING)/fuzz/fuzz.c $(MK)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -c -o $@ $<

harness = $(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $(1) $< \
  $(FUZZ_O) $(CRYPTO_LIBS) $(LUA_LIBS)

$(FUZZ_IN_LUA:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(HARDENING)/fuzz/lua.c $(FUZZ_O)
	$(call harness,-DCHECK='"$*"')

$(BUILD)/fuzz/xml: $(HARDENING)/fuzz/xml.c $(FUZZ_O)
	$(call harness) $(EXPAT_LIBS)

$(BUILD)/fuzz/curl: $(HARDENING)/fuzz/curl.c $(FUZZ_O) $(FUZZ_CURL_O)
	$(call harness) $(FUZZ_CURL_O) $(CURL_LIBS)

$(BUILD)/fuzz/%: $(HARDENING)/fuzz/%.c $(FUZZ_O)
	$(call harness)

.SECONDARY: $(FUZZ_O) $(FUZZ_CURL_O)
-include $(wildcard $(BUILD)/fuzz/obj/*.d $(BUILD)/fuzz/obj/*/*.d)

fuzz:  ## libFuzzer on what strangers send, FUZZ_SECONDS=20 each
	@$(DEPS) run build fuzz
	@$(MAKE) --no-print-directory -s $(FUZZ:%=$(BUILD)/fuzz/%)
	@$(HARDENING)/fuzz/run $(FUZZ)

fuzz-coverage: all  ## how much of the code the kept inputs of make fuzz reach
	@$(DEPS) run build fuzz
	@$(call package,llvm-cov --version,fuzz-coverage,llvm)
	@$(MAKE) --no-print-directory -s BUILD=$(BUILD)/coverage FUZZ_WATCH="\
	  -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping" \
	  $(FUZZ:%=$(BUILD)/coverage/fuzz/%)
	@BUILD=$(BUILD)/coverage $(HARDENING)/fuzz/coverage $(FUZZ)

# Modules of their own, with what watches them.
C_SPECS := spec/csrc
HTTP_SPECS := spec/transport/curl_spec.lua spec/transport/loop_spec.lua \
  spec/transport/fault_spec.lua spec/transport/fork_spec.lua \
  spec/transport/engine_spec.lua spec/transport/engine_shares_spec.lua \
  $(HARDENING)/storm/storm_spec.lua
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
ASAN_LIBS = $(foreach lib,asan ubsan,$(shell gcc -print-file-name=lib$(lib).so))
# The files of csrc, for LuaJIT with and without its compiler too.
FLAVOURS := 5.4 $(if $(LUAJIT_INCDIR),5.1 5.1:-joff)

$(BUILD)/asan/once.so: $(HARDENING)/asan/once.c $(MK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c99 $(WARN) -fPIC $(SHARED) -o $@ $<

# $(call flavours,COMMAND BEFORE): COMMAND BEFORE 5.4 SPECS, 5.1 SPECS, ...
flavours = set -e; for f in $(FLAVOURS); do \
  $(1) $${f%:*} $$(echo "$$f" | sed -n 's/.*://p') $(or $(SPEC),$(C_SPECS)); done

asan:  ## the specs of csrc under ASan, UBSan and LSan (SPEC=spec/...)
	@$(DEPS) run build test
	@$(call package,test -e "$(firstword $(ASAN_LIBS))",asan,gcc libasan8)
	@$(MAKE) --no-print-directory $(BUILD)/asan/once.so
	@$(MAKE) --no-print-directory CC=gcc BUILD=$(BUILD)/asan \
	  CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZE)" WERROR=1 all
	@$(call flavours,$(HARDENING)/asan/run $(BUILD)/asan \
	  "$(ASAN_LIBS) $(CURDIR)/$(BUILD)/asan/once.so")

asan-http:  ## what goes through libcurl under ASan, UBSan and LSan, Lua 5.4
	@$(MAKE) --no-print-directory asan SPEC="$(HTTP_SPECS)" FLAVOURS=5.4

# Two threads of a host, each with a state and loops of its own.
TSAN := $(BUILD)/tsan

$(TSAN)/%/tsan: $(HARDENING)/tsan/tsan.c $(MK)
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) $(CFLAGS) \
	  "-I$(if $(filter 5.1,$*),$(LUAJIT_INCDIR),$(LUA_INCDIR))" -Wl,-E -o $@ $< \
	  $(if $(filter 5.1,$*),$(LUAJIT_LIBS),$(LUA_LIBS)) -lpthread

tsan:  ## calls of two threads of a host under ThreadSanitizer, both Luas
	@$(DEPS) run build test
	@$(call package,test -e "$$(gcc -print-file-name=libtsan.so)",tsan,gcc libtsan2)
	@set -e; for v in $(VERSIONS); do \
	  $(MAKE) --no-print-directory CC=gcc BUILD=$(TSAN) WERROR=1 \
	    CFLAGS="-O1 -g -fsanitize=thread" TSAN=$(TSAN) all $(TSAN)/$$v/tsan; \
	  echo "== two threads, Lua $$v"; \
	  TSAN_OPTIONS=suppressions=$(HARDENING)/tsan/tsan.supp \
	  WXBOT_LUA="$(LUA)" LUA=$(TSAN)/5.4/tsan LUAJIT=$(TSAN)/5.1/tsan BUILD=$(TSAN) \
	    setarch -R .ci/lua $$v $(HARDENING)/tsan/server.lua $(HARDENING)/tsan/calls.lua; \
	done

valgrind:  ## the specs of csrc under valgrind (SPEC=spec/...)
	@$(DEPS) run build test
	@$(call package,command -v valgrind,valgrind,valgrind)
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/valgrind \
	  CFLAGS="-O1 -g" WERROR=1 all
	@$(call flavours,$(HARDENING)/asan/valgrind $(BUILD)/valgrind)

# No branch depends on a secret, as valgrind sees it. With the optimisation
# of every build, for that is what decides.
$(BUILD)/ctgrind/ctgrind.so: $(HARDENING)/ctgrind/ctgrind.c $(MK)
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) -fPIC -g -O1 $(SHARED) "-I$(LUA_INCDIR)" \
	  -o $@ $<

ctgrind:  ## valgrind sees no branch depend on a secret, in the C core
	@$(DEPS) run build
	@$(call package,command -v valgrind,ctgrind,valgrind)
	@$(MAKE) --no-print-directory $(BUILD)/ctgrind/ctgrind.so
	@set -e; for n in 1 2; do \
	  $(MAKE) --no-print-directory BUILD=$(BUILD)/ctgrind/$$n LUAJIT_INCDIR= \
	    CPPFLAGS="-DWX_CTGRIND=$$n $(CPPFLAGS)" WERROR=1 \
	    $(BUILD)/ctgrind/$$n/5.4/wxbot/core.so; \
	done
	@set -e; cpath="$(BUILD)/ctgrind/?.so;;"; \
	LUA_CPATH="$(BUILD)/ctgrind/1/5.4/?.so;$$cpath" \
	  valgrind -q --suppressions=$(HARDENING)/ctgrind/addresses.supp \
	  $(LUA) $(HARDENING)/ctgrind/ctgrind.lua; \
	echo "where nothing becomes public:"; \
	LUA_CPATH="$(BUILD)/ctgrind/2/5.4/?.so;$$cpath" \
	  valgrind -q --log-file=/dev/null $(LUA) $(HARDENING)/ctgrind/ctgrind.lua open

# The collector at every chance (torture/): each call of csrc that may allocate
# is a full collection before and after, on Lua 5.4 inside as well.
# The rooms of Lua call it so often that there every 100th chance must do. Left
# out: what runs in processes of its own, what reads files only, what takes time.
TORTURE := $(BUILD)/torture
ROOM_SPECS := $(HARDENING)/storm/storm_spec.lua $(filter-out \
  %/docs_spec.lua %/fork_spec.lua %/house_spec.lua %/install_spec.lua \
  %/libcurl_spec.lua %/linear_spec.lua %/locale_spec.lua %/patterns_spec.lua \
  %/quick_spec.lua %/secrets_spec.lua %/shortage_spec.lua \
  %/processes_spec.lua %/redis_spec.lua %/workers_spec.lua %/resty_spec.lua, \
  $(wildcard $(addsuffix /*_spec.lua,spec $(addprefix spec/,api auth call client \
    codec receive sandbox store transport util))))
TORTURED := $(VERSIONS:%=$(TORTURE)/%/torture.o)

$(TORTURED): $(TORTURE)/%/torture.o: $(HARDENING)/torture/torture.c \
    $(HARDENING)/torture/torture.h $(MK)
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) -fPIC -fvisibility=hidden $(CFLAGS) \
	  "-I$(if $(filter 5.1,$*),$(LUAJIT_INCDIR),$(LUA_INCDIR))" -c -o $@ $<

torture:  ## specs with the collector at every (Lua: 100th) chance (SPEC=...)
	@$(DEPS) run build test
	@set -e; for v in $(VERSIONS); do \
	  $(MAKE) --no-print-directory $(TORTURE)/$$v/torture.o; \
	  $(MAKE) --no-print-directory BUILD=$(TORTURE) WERROR=1 \
	    MORE_O=$(TORTURE)/$$v/torture.o \
	    CPPFLAGS="-D_GNU_SOURCE \
	      -include $(HARDENING)/torture/torture.h $(CPPFLAGS)" \
	    $(TORTURE)/$$v/wxbot/core.so $(TORTURE)/$$v/wxbot/curl.so; \
	done
	@BUILD=$(TORTURE) $(HARDENING)/torture/run "$(VERSIONS)" $(or $(SPEC),$(C_SPECS))
	@$(if $(SPEC),:,BUILD=$(TORTURE) TORTURE_EVERY=100 \
	  $(HARDENING)/torture/run "$(VERSIONS)" $(sort $(ROOM_SPECS)))

# Every allocation fails once: modules of their own, whose allocations can be
# refused, in a program that refuses them and OpenSSL's, libcurl's and Lua's.
OOM := $(BUILD)/oom
SCENARIOS := $(sort $(wildcard $(HARDENING)/oom/*.lua))

$(OOM)/%/oom: $(HARDENING)/oom/oom.c $(MK)
	@mkdir -p $(@D)
	$(call show,$@)
	$(Q)$(CC) -std=c99 $(WARN) $(CRYPTO_CFLAGS) $(CURL_CFLAGS) $(CFLAGS) \
	  "-I$(if $(filter 5.1,$*),$(LUAJIT_INCDIR),$(LUA_INCDIR))" -Wl,-E -o $@ $< \
	  $(if $(filter 5.1,$*),$(LUAJIT_LIBS),$(LUA_LIBS)) $(CRYPTO_LIBS) $(CURL_LIBS) -lpthread

oom: all  ## make every allocation of some scenarios fail (SPEC=...)
	@$(DEPS) run build test
	@set -e; for v in $(VERSIONS); do \
	  $(MAKE) --no-print-directory $(OOM)/$$v/oom; \
	  $(MAKE) --no-print-directory BUILD=$(OOM) WERROR=1 \
	    CPPFLAGS="-D_GNU_SOURCE -include $(HARDENING)/oom/alloc.h \
	      $(CPPFLAGS)" \
	    $(OOM)/$$v/wxbot/core.so $(OOM)/$$v/wxbot/curl.so; \
	done
	@set -e; for f in $(FLAVOURS); do \
	  flag=$$(echo "$$f" | sed -n 's/.*://p'); \
	  echo "== every allocation fails, Lua $${f%:*} $$flag"; \
	  WXBOT_LUA="$(LUA)" LUA=$(OOM)/5.4/oom LUAJIT=$(OOM)/5.1/oom BUILD=$(OOM) \
	    .ci/lua $${f%:*} $$flag $(or $(SPEC),$(SCENARIOS)); \
	done

storm:  ## N=100000 calls at once against a server that breaks; SEED=n
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory all
	@.ci/lua 5.4 $(HARDENING)/storm/main.lua

jobs:  ## a job killed again and again; OPENIDS=n RATE=n EVERY=n RESTARTS=n
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory all
	@.ci/lua 5.4 $(HARDENING)/jobs/main.lua

inbox:  ## N=100000 pushes while nginx is killed with -9: none lost; SEED=n
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory all
	@.ci/lua 5.4 $(HARDENING)/inbox/main.lua

inbox-redis:  ## the same with an inbox in Redis: receivers and Redis are killed
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory all
	@.ci/lua 5.4 $(HARDENING)/inbox/machines_main.lua

soak:  ## 30 minutes of calls and pushes, flat in memory? SECONDS=n RATE=n
	@$(DEPS) run build test
	@$(MAKE) --no-print-directory all
	@.ci/lua 5.4 $(HARDENING)/soak/main.lua

.PHONY: fuzz fuzz-coverage asan asan-http tsan valgrind ctgrind torture oom storm jobs inbox inbox-redis soak
