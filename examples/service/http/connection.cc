#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <vector>

namespace audio_service {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds slice{250};
constexpr std::size_t most_dropped = std::size_t{16} << 20;
constexpr std::string_view end_of_head = "\r\n\r\n";

struct Address {
  std::string ip;
  int port = 0;
};

Address address_of(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(in.sin_port)};
  }
  const auto& in = reinterpret_cast<const sockaddr_in6&>(storage);
  ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
  return {text.data(), ntohs(in.sin6_port)};
}

template <class F>
Address ask(F&& name_of, socket_t socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (name_of(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return address_of(storage);
}

/// The values of the fields called `name` (in lower case, with its colon).
std::vector<std::string> fields_of(std::string_view head, std::string_view name) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string> values;
  const std::string line = "\r\n" + std::string(name);
  for (std::size_t at = lower.find(line); at != std::string::npos; at = lower.find(line, at + 1)) {
    const std::size_t begin = at + line.size();
    values.push_back(lower.substr(begin, lower.find("\r\n", begin) - begin));
  }
  return values;
}

bool is_name_character(unsigned char c) {
  return std::isalnum(c) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && std::ranges::all_of(line.substr(0, colon), is_name_character);
}

/// Whether every field is "name: value" on a line of its own. With "Content-Length :", say, a proxy would see a body
/// where this program sees the next request.
bool is_well_formed(std::string_view head) {
  constexpr std::string_view line_end = "\r\n";
  head.remove_suffix(line_end.size());
  for (bool is_first = true; !head.empty(); is_first = false) {
    const std::size_t end = head.find(line_end);
    const std::string_view line = head.substr(0, end);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return false;
    if (!is_first && !is_field(line)) return false;
    head.remove_prefix(end + line_end.size());
  }
  return true;
}

std::uint64_t number_in(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string peer_of(socket_t socket) { return ask(::getpeername, socket).ip; }

Connection::~Connection() { ::close(socket_); }

bool Connection::poll_for(short events, milliseconds longest) const {
  pollfd waiting{.fd = socket_, .events = events, .revents = 0};
  const auto until = Clock::now() + longest;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

bool Connection::wait_for_request(const std::function<bool()>& may_wait) {
  if (taken_ < buffer_.size()) return true;
  for (milliseconds waited{0}; waited < limits_.idle_time; waited += slice) {
    if (poll_for(POLLIN, slice)) return true;
    if (!may_wait()) return false;
  }
  return false;
}

Connection::Head Connection::read_head() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  const auto until = Clock::now() + limits_.head_time;
  for (std::size_t seen = 0;;) {
    const std::size_t end = buffer_.find(end_of_head, seen < 3 ? 0 : seen - 3);
    if (end != std::string::npos && end + end_of_head.size() <= limits_.max_head_bytes) {
      head_left_ = end + end_of_head.size();
      const std::string_view head = std::string_view(buffer_).substr(0, head_left_);
      if (!is_well_formed(head)) return Head::malformed;
      frame_body(head);
      return Head::complete;
    }
    if (buffer_.size() >= limits_.max_head_bytes) return Head::too_large;
    seen = buffer_.size();
    const auto left = std::chrono::floor<milliseconds>(until - Clock::now());
    if (left.count() <= 0 || !poll_for(POLLIN, left)) return seen == 0 ? Head::closed : Head::too_slow;
    std::array<char, 4096> chunk;
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) return Head::closed;
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

/// How much body the head announces, and by when it must be here.
void Connection::frame_body(std::string_view head) {
  const auto fields = fields_of(head, "content-length:");
  is_body_unclear_ = fields.size() > 1 || !fields_of(head, "transfer-encoding:").empty();
  body_left_ = fields.empty() ? 0 : number_in(fields.front());
  const auto at_pace =
      std::chrono::seconds(std::min<std::uint64_t>(body_left_ / limits_.slowest_bytes_a_second, 86'400));
  body_deadline_ = Clock::now() + limits_.head_time + at_pace;
}

ssize_t Connection::receive(char* out, std::size_t size) {
  if (taken_ < buffer_.size()) {
    const std::size_t count = buffer_.copy(out, size, taken_);
    taken_ += count;
    return static_cast<ssize_t>(count);
  }
  const auto left = std::chrono::floor<milliseconds>(body_deadline_ - Clock::now());
  if (left.count() <= 0 || !poll_for(POLLIN, std::min(left, limits_.silence))) return -1;
  return ::recv(socket_, out, size, 0);
}

ssize_t Connection::read(char* out, std::size_t size) {
  if (head_left_ > 0) {
    const ssize_t got = receive(out, std::min(size, head_left_));
    head_left_ -= static_cast<std::size_t>(got);
    return got;
  }
  if (body_left_ == 0) return 0;  // the end, whatever else is on the connection
  const ssize_t got = receive(out, static_cast<std::size_t>(std::min<std::uint64_t>(size, body_left_)));
  if (got > 0) body_left_ -= static_cast<std::uint64_t>(got);
  return got;
}

ssize_t Connection::write(const char* bytes, std::size_t size) {
  if (!poll_for(POLLOUT, limits_.silence)) return -1;
  return ::send(socket_, bytes, size, MSG_NOSIGNAL);
}

void Connection::end_answers() { ::shutdown(socket_, SHUT_WR); }

bool Connection::drop_unread() {
  std::array<char, 16384> unread;
  while (dropped_ < most_dropped) {
    const ssize_t got = ::recv(socket_, unread.data(), unread.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    dropped_ += static_cast<std::size_t>(got);
  }
  return false;
}

bool Connection::is_readable() const { return taken_ < buffer_.size() || poll_for(POLLIN, limits_.silence); }
bool Connection::is_writable() const { return poll_for(POLLOUT, limits_.silence); }

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  const Address address = ask(::getpeername, socket_);
  ip = address.ip;
  port = address.port;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  const Address address = ask(::getsockname, socket_);
  ip = address.ip;
  port = address.port;
}

}  // namespace audio_service
