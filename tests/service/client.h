// A client of the service, as a program would write it.
#pragma once

#include "service/service_process.h"

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace audio_service {

struct Answer {
  int status = 0;  ///< 0: none came
  httplib::Headers headers = {};
  std::string body = {};

  /// null where the body is no JSON.
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  /// The code of an error; "" where it is none.
  [[nodiscard]] std::string code() const;
  [[nodiscard]] std::string header(const std::string& name) const;
};

/// One request to anywhere on loopback, by its URL.
Answer send(const std::string& method, const std::string& url, const std::string& body = {},
            const httplib::Headers& headers = {});

/// A form with these fields in front of the file. `boundary` frames it.
std::string make_form(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view file,
                      std::string_view type = "", std::string_view boundary = "boundary");

class Client {
 public:
  Client(const ServiceProcess& service, std::string token) : origin_(service.origin()), token_(std::move(token)) {}
  Client(std::string origin, std::string token) : origin_(std::move(origin)), token_(std::move(token)) {}

  [[nodiscard]] Answer get(const std::string& path) const;
  [[nodiscard]] Answer post(const std::string& path, const nlohmann::json& body) const;
  [[nodiscard]] Answer remove(const std::string& path, const nlohmann::json& body = {}) const;
  [[nodiscard]] Answer upload(const std::string& project, const std::string& recording, std::string_view bytes,
                              const std::string& type = "") const;
  /// The id of a new project.
  [[nodiscard]] std::string make_project(const std::string& name = "project") const;
  [[nodiscard]] std::string key_of(const std::string& project, const std::string& recording) const;
  [[nodiscard]] std::string user_id() const;
  [[nodiscard]] Answer open_ticket(const std::string& project, const std::string& recording, std::uint64_t size,
                                   const std::string& type = "audio/wav") const;

 private:
  [[nodiscard]] httplib::Headers headers() const;
  std::string origin_;
  std::string token_;
};

/// `ticket` (the answer's "ticket") used as it says, for all modes; the answer of the storage.
Answer use_ticket(const Client& client, const nlohmann::json& ticket, std::string_view bytes);

/// A connection that sends what a test wants sent.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection();

  /// False when the peer did not take all of it.
  bool send(std::string_view bytes) const;
  /// All that comes until the peer ends the connection or is silent for `patience`.
  [[nodiscard]] std::string receive_all(std::chrono::milliseconds patience = std::chrono::seconds(20)) const;
  /// Whether the peer has broken the connection off, rather than ended its side of it.
  [[nodiscard]] bool was_reset() const;

 private:
  int socket_;
};

}  // namespace audio_service
