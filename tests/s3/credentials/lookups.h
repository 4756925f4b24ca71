// What sources are given in tests, and what they answer.
#pragma once

#include <audiostore/environment.h>

#include "s3/credentials/small_exchange.h"
#include "s3/credentials/source.h"
#include "support/results.h"
#include "support/scripted_transport.h"

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace audiostore {

using Variables = std::map<std::string, std::string, std::less<>>;

inline EnvironmentLookup lookup_in(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

/// A scripted transport, as sources take it.
struct Wire {
  std::shared_ptr<ScriptedTransport> script = std::make_shared<ScriptedTransport>();
  std::shared_ptr<LazyTransport> transport = std::make_shared<LazyTransport>(script, CurlTransportOptions{});
};

inline Credentials found(Lookup lookup) {
  auto answer = must(std::move(lookup));
  if (const auto* absent = std::get_if<NotConfigured>(&answer)) FAIL("not configured: " << absent->why);
  return std::get<Credentials>(std::move(answer));
}

inline std::string absence(Lookup lookup) {
  auto answer = must(std::move(lookup));
  if (!std::holds_alternative<NotConfigured>(answer)) FAIL("this should not have found anything");
  return std::get<NotConfigured>(std::move(answer)).why;
}

/// The reply of a metadata service.
inline std::string metadata_reply(const std::string& id) {
  return R"({"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2013-05-24T00:00:00Z","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"s3cr3t","Token":"t0ken","Expiration":"2013-05-24T06:00:00Z"})";
}

}  // namespace audiostore
