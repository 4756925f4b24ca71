#include <audiostore/credentials.h>

#include "core/crypto.h"

#include <algorithm>

namespace audiostore {
namespace {

class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials)
      : credentials_(std::make_shared<const Credentials>(std::move(credentials))) {}

  Result<std::shared_ptr<const Credentials>> get() override {
    if (credentials_->access_key_id.empty() || credentials_->secret_access_key.empty()) {
      return Error(ErrorCode::unauthenticated, "the access key id or the secret access key is empty");
    }
    return credentials_;
  }

 private:
  std::shared_ptr<const Credentials> credentials_;
};

}  // namespace

Secret::Secret(std::string_view text) : text_(std::make_unique<char[]>(text.size())), size_(text.size()) {
  std::ranges::copy(text, text_.get());
}

Secret::Secret(const Secret& other) : Secret(other.reveal()) {}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret other) noexcept {
  std::swap(text_, other.text_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (text_) wipe(std::as_writable_bytes(std::span(text_.get(), size_)));
}

std::string Credentials::to_string() const {
  return access_key_id.substr(0, 4) + "..., secret " + (secret_access_key.empty() ? "missing" : "hidden") +
         (session_token.empty() ? "" : ", session token hidden") + (source.empty() ? "" : ", from " + source);
}

Result<std::shared_ptr<const Credentials>> CredentialsProvider::get_within(const CallOptions&) { return get(); }

void CredentialsProvider::refused(const std::shared_ptr<const Credentials>&) {}

std::shared_ptr<CredentialsProvider> static_credentials(Credentials credentials) {
  return std::make_shared<StaticCredentials>(std::move(credentials));
}

}  // namespace audiostore
