#include "http/client_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <iterator>

namespace audio_service {
namespace {

constexpr const char* forwarded_for = "X-Forwarded-For";
constexpr std::size_t bytes_of_network = 8;
constexpr std::size_t v4_in_v6 = 12;  // where a mapped address begins

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

/// The last one in a list: the one that the nearest proxy has added.
std::string last_of(const std::string& list) {
  const std::size_t comma = list.rfind(',');
  const std::size_t begin = list.find_first_not_of(" \t", comma == std::string::npos ? 0 : comma + 1);
  const std::size_t end = list.find_last_not_of(" \t") + 1;
  return begin < end ? list.substr(begin, end - begin) : std::string();
}

/// "" for what is no address.
std::string network_of(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return address;
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return {};
  const auto* bytes = std::begin(v6.s6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return fmt::format("{}", fmt::join(bytes + v4_in_v6, std::end(v6.s6_addr), "."));
  return fmt::format("{:02x}", fmt::join(bytes, bytes + bytes_of_network, ""));
}

}  // namespace

bool is_from_this_machine(const httplib::Request& request) {
  return is_loopback(request.remote_addr) && !request.has_header(forwarded_for) && !request.has_header("Forwarded");
}

std::string client_address(const httplib::Request& request) {
  const std::size_t lists = is_loopback(request.remote_addr) ? request.get_header_value_count(forwarded_for) : 0;
  const std::string told = lists == 0 ? "" : network_of(last_of(request.get_header_value(forwarded_for, lists - 1)));
  return told.empty() ? network_of(request.remote_addr) : told;
}

}  // namespace audio_service
