#include "http/name_service.h"

#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <string_view>

namespace audiostore {
namespace {
constexpr std::chrono::seconds patience(20);
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait_for(lock, patience, [&] { return open_; });
  --waiting_;
  changed_.notify_all();
}

void Gate::wait_for_arrival() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return waiting_ > 0; });
}

void Gate::open() {
  std::unique_lock lock(mutex_);
  open_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, patience, [&] { return waiting_ == 0; });
}

void Gate::close() {
  const std::lock_guard lock(mutex_);
  open_ = false;
}

Gate& look_up_gate() {
  static Gate gate;
  return gate;
}

}  // namespace audiostore

/// In place of the C library's, for all look-ups in this program.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = node == nullptr ? "" : node;
  if (name == "hangs.invalid") {
    audiostore::look_up_gate().pass();
    return EAI_AGAIN;
  }
  if (!name.starts_with("link-local")) return real(node, service, hints, result);
  const int failed = real("169.254.169.254", service, hints, result);
  if (failed != 0 || name == "link-local.invalid") return failed;
  addrinfo* last = *result;
  while (last->ai_next != nullptr) last = last->ai_next;
  return real("127.0.0.1", service, hints, &last->ai_next);
}
