#!/usr/bin/env bash
# CLI11 reads configuration files in a form of TOML. In version 2.1.2 a # inside a quoted value begins a comment all the same:
# the rest of the value is gone, and the opening quote becomes a part of what is left. There is no error, so that a password
# or token with a # silently turns into another one. 2.4.1 (Debian 13) reads the value as it is written.
#
# Seen with libcli11-dev 2.1.2+ds-1 of Debian 12: token = "secret#1" comes out as "secret with a quote before it.
#
# Needs apt, dpkg-deb and g++. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$(apt-cache madison libcli11-dev | awk '$3 ~ /^2\.1\.2/ {print $3; exit}')
apt-get download -qq "libcli11-dev=$version" 2>/dev/null
dpkg-deb -x libcli11-dev_*.deb package
cat >options.cpp <<'CPP'
#include <CLI/CLI.hpp>
#include <iostream>

int main(int argc, char** argv) {
  CLI::App app;
  std::string token;
  std::string plain;
  app.add_option("--token", token);
  app.add_option("--plain", plain);
  app.set_config("--config");
  CLI11_PARSE(app, argc, argv);
  std::cout << "token: " << token << "\nplain: " << plain << '\n';
}
CPP
g++ -std=c++17 -O0 -Ipackage/usr/include options.cpp -o options
printf 'token = "secret#1"\nplain = "secret 1"\n' >options.toml
./options --config options.toml | tee seen
grep -qx 'token: "secret' seen
grep -qx 'plain: secret 1' seen
echo "still so: # ends a value within its quotes"
