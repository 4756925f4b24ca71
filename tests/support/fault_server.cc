#include "support/fault_server.h"

#include "core/crypto.h"
#include "core/text.h"
#include "support/scripted_transport.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>

namespace audiostore {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";

/// Sends `request` and returns all that comes until the server ends the connection, or is silent for 20 seconds.
std::string exchange(std::uint16_t port, std::string_view request) {
  const int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(stream, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ssize_t count = connect(stream, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 1 : 0;
  while (count > 0 && !request.empty()) {
    count = send(stream, request.data(), request.size(), MSG_NOSIGNAL);
    request.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  std::string reply;
  std::array<char, 65536> buffer;
  while ((count = recv(stream, buffer.data(), buffer.size(), 0)) > 0) {
    reply.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(stream);
  return reply;
}

std::string operation_of(const local::RequestHead& head) {
  return s3_operation({.method = head.method, .url = head.target, .headers = head.headers, .body = {}, .call = {}});
}

std::uint64_t body_length(const local::RequestHead& head) {
  return parse_decimal(find_header(head.headers, "Content-Length").value_or("")).value_or(0);
}

/// "HTTP/1.1 200 OK..." is 200.
int status_of(std::string_view reply) {
  return static_cast<int>(parse_decimal(reply.substr(std::min<std::size_t>(reply.size(), 9), 3)).value_or(0));
}

/// The reply as it would be on a connection that stays open.
std::string kept_open(std::string reply) {
  constexpr std::string_view line = "Connection: close\r\n";
  if (const auto at = reply.find(line); at < reply.find(head_end)) reply.erase(at, line.size());
  return reply;
}

void flip(std::string& text, std::size_t begin, std::uint64_t bit) {
  if (begin >= text.size()) return;
  char& byte = text[begin + bit / 8 % (text.size() - begin)];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << bit % 8));
}

void end(TcpConnection& connection, Reaction::End how) {
  if (how == Reaction::End::rst) connection.reset();
}

/// The answer to a HEAD announces a body that does not come.
std::string_view without_body_for(std::string_view method, std::string_view reply) {
  return method == "HEAD" ? reply.substr(0, reply.find(head_end) + head_end.size()) : reply;
}

/// Sends a reply, or what `reaction` leaves of it. False when the connection is over.
bool deliver(TcpConnection& connection, const Reaction& reaction, std::string reply) {
  const std::size_t body = std::min(reply.find(head_end), reply.size() - head_end.size()) + head_end.size();
  const std::size_t cut = body + std::min<std::uint64_t>(reaction.at, reply.size() - body);
  switch (reaction.kind) {
    case Reaction::Kind::lose_reply: end(connection, reaction.end); return false;
    case Reaction::Kind::cut_reply:
      connection.send(std::string_view(reply).substr(0, cut));
      end(connection, reaction.end);
      return false;
    case Reaction::Kind::stall_reply:
      connection.send(std::string_view(reply).substr(0, cut));
      connection.stall();
      return connection.send(std::string_view(reply).substr(cut));
    case Reaction::Kind::slice_reply: return connection.send_bytewise(reply);
    case Reaction::Kind::flip_reply: flip(reply, body, reaction.at); break;
    default: break;
  }
  return connection.send(reply);
}

}  // namespace

std::string to_string(const Reaction& reaction) {
  constexpr std::array names{"pass",       "answer",    "refuse",      "cut_request", "flip_request", "stall",
                             "lose_reply", "cut_reply", "stall_reply", "flip_reply",  "slice_reply"};
  const char* name = names.at(static_cast<std::size_t>(reaction.kind));
  const std::string answer = reaction.bytes.substr(0, reaction.bytes.find('\r'));
  return fmt::format("{}({}{}{})", name, reaction.at, reaction.end == Reaction::End::fin ? " fin" : "", answer);
}

namespace reaction {

Reaction pass() { return {}; }
Reaction answer(std::string response) { return {.kind = Reaction::Kind::answer, .bytes = std::move(response)}; }
Reaction refuse(int status, std::string_view service_code, std::string_view fields) {
  const std::string document = fmt::format("<Error><Code>{}</Code><RequestId>FAULT</RequestId></Error>", service_code);
  return {.kind = Reaction::Kind::refuse, .bytes = http_response(status, document, fields)};
}
Reaction cut_request(std::uint64_t at) { return {.kind = Reaction::Kind::cut_request, .at = at}; }
Reaction flip_request(std::uint64_t at) { return {.kind = Reaction::Kind::flip_request, .at = at}; }
Reaction stall() { return {.kind = Reaction::Kind::stall}; }
Reaction lose_reply(Reaction::End end) { return {.kind = Reaction::Kind::lose_reply, .end = end}; }
Reaction cut_reply(std::uint64_t at, Reaction::End end) {
  return {.kind = Reaction::Kind::cut_reply, .at = at, .end = end};
}
Reaction stall_reply(std::uint64_t at) { return {.kind = Reaction::Kind::stall_reply, .at = at}; }
Reaction flip_reply(std::uint64_t at) { return {.kind = Reaction::Kind::flip_reply, .at = at}; }
Reaction slice_reply() { return {.kind = Reaction::Kind::slice_reply}; }

}  // namespace reaction

/// One request on its way.
struct FaultServer::Task {
  std::size_t index;
  std::string head;
  local::RequestHead parsed;
  Reaction reaction;
  std::string body = {};
};

FaultServer::FaultServer(const LocalEndpoint& endpoint)
    : endpoint_(endpoint),
      verifier_(std::make_shared<const Credentials>(endpoint.credentials()), endpoint.s3_options().region,
                endpoint.s3_options().clock),
      server_([this](TcpConnection& connection) { serve(connection); }) {}

FaultServer::~FaultServer() {
  if (std::uncaught_exceptions() > 0) return;  // the test has failed already, and said why
  const std::string left = left_over();
  const std::string wrong = complaints();
  CHECK(left == "");
  CHECK(wrong == "");
}

S3Options FaultServer::s3_options() const {
  S3Options options = endpoint_.s3_options();
  options.endpoint = server_.url("");
  return options;
}

void FaultServer::on(const std::string& operation, Reaction reaction) {
  const std::scoped_lock lock(mutex_);
  by_operation_[operation].push_back(std::move(reaction));
}

void FaultServer::any(Reaction reaction) {
  const std::scoped_lock lock(mutex_);
  any_.push_back(std::move(reaction));
}

void FaultServer::otherwise(Reaction reaction) {
  const std::scoped_lock lock(mutex_);
  otherwise_ = std::move(reaction);
}

void FaultServer::set_replies_per_connection(std::size_t count) {
  const std::scoped_lock lock(mutex_);
  replies_per_connection_ = count;
}

std::vector<FaultServer::Seen> FaultServer::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

std::size_t FaultServer::count(std::string_view operation) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count(seen_, operation, &Seen::operation));
}

std::string FaultServer::left_over() const {
  const std::scoped_lock lock(mutex_);
  std::string left;
  for (const Reaction& reaction : any_) left += to_string(reaction) + " of any request ";
  for (const auto& [operation, reactions] : by_operation_) {
    for (const Reaction& reaction : reactions) left += to_string(reaction) + " of " + operation + " ";
  }
  return left;
}

std::string FaultServer::complaints() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(complaints_, {});
}

void FaultServer::serve(TcpConnection& connection) {
  std::size_t replies = 0;
  while (auto head = connection.read_head()) {
    Task task = begin(*std::move(head));
    if (!react(connection, task)) return;
    const std::scoped_lock lock(mutex_);
    if (++replies == replies_per_connection_) return;
  }
}

FaultServer::Task FaultServer::begin(std::string head) {
  auto parsed = local::parse_request_head(std::string_view(head).substr(0, head.size() - head_end.size()));
  const std::scoped_lock lock(mutex_);
  Task task{.index = seen_.size(), .head = std::move(head), .parsed = {}, .reaction = {}};
  if (parsed) {
    task.parsed = *std::move(parsed);
  } else {
    complaints_ += parsed.error().to_string() + "; ";
  }
  seen_.push_back({.operation = operation_of(task.parsed), .head = task.head});
  task.reaction = take_reaction(seen_.back().operation);
  return task;
}

Reaction FaultServer::take_reaction(const std::string& operation) {
  const auto own = by_operation_.find(operation);
  auto& reactions = own != by_operation_.end() && !own->second.empty() ? own->second : any_;
  if (reactions.empty()) return otherwise_;
  Reaction reaction = std::move(reactions.front());
  reactions.pop_front();
  return reaction;
}

bool FaultServer::react(TcpConnection& connection, Task& task) {
  const bool cuts = task.reaction.kind == Reaction::Kind::cut_request;
  const std::uint64_t announced = body_length(task.parsed);
  const std::uint64_t wanted = cuts ? std::min(task.reaction.at, announced) : announced;
  while (task.body.size() < wanted) {
    const std::string some = connection.read_some(wanted - task.body.size());
    if (some.empty()) return false;
    task.body += some;
  }
  if (cuts) {
    connection.reset();
    return false;
  }
  verify(task);
  switch (task.reaction.kind) {
    case Reaction::Kind::refuse: return connection.send(without_body_for(task.parsed.method, task.reaction.bytes));
    case Reaction::Kind::answer: connection.send(task.reaction.bytes); return false;
    case Reaction::Kind::stall: connection.stall(); return false;
    default: return forward(connection, task);
  }
}

void FaultServer::verify(const Task& task) {
  const auto verified = local::parse_target(task.parsed.target).and_then([&](const local::WireTarget& target) {
    return verifier_.verify({task.parsed.method, target, task.parsed.headers});
  });
  const std::scoped_lock lock(mutex_);
  seen_[task.index].body_bytes = task.body.size();
  if (!verified) {
    complaints_ += verified.error().to_string() + "; ";
  } else if (verified->body_sha256 && *verified->body_sha256 != to_hex(sha256(task.body))) {
    complaints_ += "a body is not the one that was signed; ";
  }
}

bool FaultServer::forward(TcpConnection& connection, Task& task) {
  std::string reply;
  {
    const std::scoped_lock one_at_a_time(endpoint_mutex_);
    if (connection.peer_has_gone()) return false;
    std::string request = task.head;
    request.insert(request.size() - 2, "Connection: close\r\n");
    if (task.reaction.kind == Reaction::Kind::flip_request) flip(task.body, 0, task.reaction.at);
    reply = kept_open(exchange(endpoint_.port(), request + task.body));
  }
  {
    const std::scoped_lock lock(mutex_);
    seen_[task.index].status = status_of(reply);
  }
  return !reply.empty() && deliver(connection, task.reaction, std::move(reply));
}

}  // namespace audiostore
