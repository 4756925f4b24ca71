#include "service/client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace audio_service {
namespace {

Answer answer_of(const httplib::Result& result) {
  if (!result) return {};
  return {result->status, result->headers, result->body};
}

}  // namespace

std::string Answer::code() const {
  const auto parsed = json();
  return parsed.is_object() && parsed.contains("error") ? parsed["error"].value("code", "") : "";
}

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Answer send(const std::string& method, const std::string& url, const std::string& body,
            const httplib::Headers& headers) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  httplib::Client client(url.substr(0, path));
  client.set_read_timeout(std::chrono::seconds(60));
  client.set_write_timeout(std::chrono::seconds(60));
  client.set_url_encode(false);
  httplib::Request request;
  request.method = method;
  request.path = path == std::string::npos ? "/" : url.substr(path);
  request.headers = headers;
  request.body = body;
  return answer_of(client.send(request));
}

std::string make_form(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view file,
                      std::string_view type, std::string_view boundary) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary, name, value);
  }
  form += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"take\"\r\n", boundary);
  if (!type.empty()) form += fmt::format("Content-Type: {}\r\n", type);
  form += "\r\n";
  form.append(file);
  form += fmt::format("\r\n--{}--\r\n", boundary);
  return form;
}

httplib::Headers Client::headers() const { return {{"Authorization", "Bearer " + token_}}; }

Answer Client::get(const std::string& path) const { return send("GET", origin_ + path, {}, headers()); }

Answer Client::post(const std::string& path, const nlohmann::json& body) const {
  return send("POST", origin_ + path, body.dump(), headers());
}

Answer Client::remove(const std::string& path, const nlohmann::json& body) const {
  return send("DELETE", origin_ + path, body.is_null() ? "" : body.dump(), headers());
}

Answer Client::upload(const std::string& project, const std::string& recording, std::string_view bytes,
                      const std::string& type) const {
  httplib::Headers with_type = headers();
  with_type.emplace("Content-Type", "multipart/form-data; boundary=boundary");
  return send("POST", origin_ + "/api/audio/upload",
              make_form({{"projectId", project}, {"recordingId", recording}}, bytes, type), with_type);
}

std::string Client::make_project(const std::string& name) const {
  return post("/api/projects", {{"name", name}}).json()["project"]["id"].get<std::string>();
}

std::string Client::user_id() const { return get("/api/session").json()["user"]["id"].get<std::string>(); }

std::string Client::key_of(const std::string& project, const std::string& recording) const {
  return fmt::format("users/{}/projects/{}/recordings/{}.wav", user_id(), project, recording);
}

Answer Client::open_ticket(const std::string& project, const std::string& recording, std::uint64_t size,
                           const std::string& type) const {
  return post("/api/audio/ticket",
              {{"projectId", project}, {"recordingId", recording}, {"size", size}, {"contentType", type}});
}

Answer use_ticket(const Client& client, const nlohmann::json& ticket, std::string_view bytes) {
  if (ticket["mode"] == "post") {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto& field : ticket["fields"]) fields.emplace_back(field[0], field[1]);
    return send("POST", ticket["url"], make_form(fields, bytes),
                {{"Content-Type", "multipart/form-data; boundary=boundary"}});
  }
  const auto put = [](const nlohmann::json& request, std::string_view body) {
    httplib::Headers headers;
    for (const auto& [name, value] : request["headers"].items()) headers.emplace(name, value.get<std::string>());
    return send("PUT", request["url"], std::string(body), headers);
  };
  if (ticket["mode"] == "put") return put(ticket, bytes);
  std::vector<int> numbers(ticket["partCount"].get<std::size_t>());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int>(i) + 1;
  const Answer parts =
      client.post("/api/audio/ticket/" + ticket["id"].get<std::string>() + "/parts", {{"partNumbers", numbers}});
  if (parts.status != 200) return parts;
  Answer last;
  const auto part_size = ticket["partSize"].get<std::size_t>();
  const auto signed_parts = parts.json()["parts"];
  for (const auto& part : signed_parts) {
    last = put(part, bytes.substr(part_size * (part["partNumber"].get<std::size_t>() - 1), part_size));
    if (last.status != 200) break;
  }
  return last;
}

RawConnection::RawConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

RawConnection::~RawConnection() { ::close(socket_); }

bool RawConnection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawConnection::receive_all(std::chrono::milliseconds patience) const {
  std::string all;
  std::array<char, 65536> chunk;
  pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, static_cast<int>(patience.count())) > 0) {
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0) break;
    all.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return all;
}

bool RawConnection::was_reset() const {
  pollfd state{.fd = socket_, .events = 0, .revents = 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace audio_service
