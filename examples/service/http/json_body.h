// What clients send as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace audio_service {

/// A JSON object that a client has sent. Reading what is not there, or is of another kind, throws a Refusal.
class JsonBody {
 public:
  /// Throws a Refusal unless `text` is one object, nested little, in UTF-8.
  explicit JsonBody(const std::string& text);

  [[nodiscard]] std::string text(const char* name) const;
  /// "" where there is none.
  [[nodiscard]] std::string text_if_given(const char* name) const;
  [[nodiscard]] std::uint64_t number(const char* name) const;
  [[nodiscard]] std::vector<int> numbers(const char* name) const;

 private:
  [[nodiscard]] const nlohmann::json& member(const char* name) const;
  nlohmann::json object_;
};

}  // namespace audio_service
