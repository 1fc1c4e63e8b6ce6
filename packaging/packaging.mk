# The tarball, the rock and the package of Debian, all in build/dist/. Their
# version is _VERSION of lua/wxbot/init.lua.
VERSION := $(shell sed -n 's/.*_VERSION = "\(.*\)".*/\1/p' lua/wxbot/init.lua)
NAME := wxbot-$(VERSION)
DIST = $(BUILD)/dist

# When the source was made: of the last commit or, in an unpacked tarball, of
# every file there.
SOURCE_DATE_EPOCH ?= $(shell test -e .git && git log -1 --format=%ct 2>/dev/null || \
  date -r Makefile +%s)

# The same files make the same bytes, wherever and by whomever it is made.
dist:  ## build/dist/wxbot-VERSION.tar.gz, which builds without network and git
	@test ! -e .git || $(call package,git --version,dist,git)
	@mkdir -p $(DIST)
	@set -e; if test -e .git; then git ls-files -z; else \
	  find . -type f ! -path './build/*' ! -path './debian/*' -printf '%P\0'; \
	  fi >$(DIST)/files
	@LC_ALL=C sort -z $(DIST)/files | tar -c --format=ustar --null -T - --owner=0 --group=0 \
	  --numeric-owner --mode=u=rwX,go=rX --mtime=@$(SOURCE_DATE_EPOCH) \
	  --transform='s,^,$(NAME)/,' | gzip -9n >$(DIST)/$(NAME).tar.gz
	@rm $(DIST)/files
	@echo "  $(DIST)/$(NAME).tar.gz"

# What `luarocks pack` makes too, which writes this machine's path into it: the
# rockspec of a checkout with a version in place of its "scm", and its tarball.
rock: dist  ## build/dist/wxbot-VERSION-1.src.rock, for luarocks install
	@$(call package,zip --version,rock,zip)
	@set -e; cd $(DIST); rm -f $(NAME)-1.src.rock; \
	  sed 's/scm/$(VERSION)/' $(CURDIR)/rockspec/wxbot-scm-1.rockspec \
	  >$(NAME)-1.rockspec; \
	  touch -d @$(SOURCE_DATE_EPOCH) $(NAME)-1.rockspec $(NAME).tar.gz; \
	  TZ=UTC zip -qX $(NAME)-1.src.rock $(NAME)-1.rockspec $(NAME).tar.gz; \
	  rm $(NAME)-1.rockspec
	@echo "  $(DIST)/$(NAME)-1.src.rock"

# A package for each release of Debian: they have different libraries. What it
# takes is what .ci/deps looks for, which is less than build-essential.
DEB_VERSION = $(VERSION)-1~$(shell . /etc/os-release && \
  echo "$$ID$$VERSION_ID" | sed 's/^debian/deb/')
DEB_SOURCE = $(BUILD)/deb/$(NAME)

deb:  ## build/dist/lua-wxbot_VERSION.deb, the package of this Debian
	@$(DEPS) run build deb
	@$(MAKE) --no-print-directory dist
	@rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb
	@tar -xzf $(DIST)/$(NAME).tar.gz -C $(BUILD)/deb
	@cp -R packaging/debian $(DEB_SOURCE)/debian
	@printf 'wxbot (%s) unstable; urgency=medium\n\n  * %s\n\n -- %s  %s\n' \
	  '$(DEB_VERSION)' 'What is new: changelog.gz.' \
	  "$$(sed -n 's/^Maintainer: //p' packaging/debian/control)" \
	  "$$(date -uRd @$(SOURCE_DATE_EPOCH))" >$(DEB_SOURCE)/debian/changelog
	@cd $(DEB_SOURCE) && env -u MAKEFLAGS -u MAKELEVEL -u BUILD \
	  DEB_BUILD_OPTIONS="noautodbgsym $(DEB_BUILD_OPTIONS)" \
	  dpkg-buildpackage -d -b -us -uc >../log 2>&1 || { tail -n 50 ../log; exit 1; }
	@mv $(BUILD)/deb/*.deb $(DIST)
	@ls $(DIST)/lua-wxbot_$(DEB_VERSION)_*.deb | sed 's/^/  /'

.PHONY: dist rock deb
