// Sources that are asked one after the other.
#pragma once

#include "s3/credentials/source.h"

#include <memory>
#include <string>
#include <vector>

namespace audiostore {

/// The first of `links` that is configured, whether it works or not. What is not configured is listed with its reasons.
class ChainSource final : public CredentialsSource {
 public:
  explicit ChainSource(std::vector<std::unique_ptr<CredentialsSource>> links) : links_(std::move(links)) {}

  [[nodiscard]] std::string name() const override { return "the default chain"; }
  Lookup look_up_for(const CallGuard& call) override;

 private:
  const std::vector<std::unique_ptr<CredentialsSource>> links_;
};

/// A link that is left out, and why.
class SkippedSource final : public CredentialsSource {
 public:
  SkippedSource(std::string name, std::string why) : name_(std::move(name)), why_(std::move(why)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  Lookup look_up_for(const CallGuard&) override { return NotConfigured{why_}; }

 private:
  const std::string name_;
  const std::string why_;
};

}  // namespace audiostore
