#include "http/idle_pool.h"

#include <catch2/catch.hpp>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {
using Pool = IdlePool<int>;
const Pool::TimePoint start{};
std::unique_ptr<int> thing(int value) { return std::make_unique<int>(value); }
}  // namespace

TEST_CASE("The pool gives what was used last, by key") {
  Pool pool(4, 60s);
  pool.give_back("a", thing(1), start);
  pool.give_back("b", thing(2), start);
  pool.give_back("a", thing(3), start);
  CHECK(*pool.take("a", start) == 3);
  CHECK(*pool.take("a", start) == 1);
  CHECK(pool.take("a", start) == nullptr);
  CHECK(*pool.take("b", start) == 2);
}

TEST_CASE("The pool keeps no more than its capacity, dropping what is idle for longest") {
  Pool pool(2, 60s);
  for (int i = 1; i <= 3; ++i) pool.give_back("a", thing(i), start);
  CHECK(*pool.take("a", start) == 3);
  CHECK(*pool.take("a", start) == 2);
  CHECK(pool.take("a", start) == nullptr);
  Pool none(0, 60s);
  none.give_back("a", thing(1), start);
  CHECK(none.take("a", start) == nullptr);
}

TEST_CASE("The pool drops what is too old") {
  Pool pool(4, 60s);
  pool.give_back("a", thing(1), start);
  pool.give_back("a", thing(2), start + 30s);
  CHECK(*pool.take("a", start + 60s) == 2);
  CHECK(pool.take("a", start + 60s) == nullptr);
}
