#!/usr/bin/env bash
# Destroying a value of nlohmann::json takes memory: the destructor of an object or array first moves its children into
# a std::vector on the heap, to take them apart without recursion. It is noexcept, so where no memory is left, as under an
# address limit, freeing a small document ends the program instead of freeing memory.
#
# Seen with nlohmann-json3-dev 3.11.2-2 of Debian 12: one allocation for {"a":1}, one for [[1],[2],[3]], none for what has
# no children. (Nothing is exhausted here: the allocations are only counted.)
#
# Needs apt, dpkg-deb and g++. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq nlohmann-json3-dev=3.11.2-2 2>/dev/null
dpkg-deb -x nlohmann-json3-dev_*.deb package
cat >count.cpp <<'CPP'
#include <cstdio>
#include <cstdlib>
#include <new>
#include <nlohmann/json.hpp>

static long allocations = 0;
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main() {
  for (const char* text : {"{\"a\":1}", "[[1],[2],[3]]", "[]", "\"a long text that needs memory of its own\"", "7"}) {
    long before = 0;
    {
      const nlohmann::json value = nlohmann::json::parse(text);
      before = allocations;
    }
    std::printf("%s: %ld\n", text, allocations - before);
  }
}
CPP
g++ -std=c++17 -Ipackage/usr/include count.cpp -o count
./count | tee seen
grep -q '^{"a":1}: [1-9]' seen
grep -q '^7: 0$' seen
echo "still so: the destructor allocates"
