// Each thing that can be wrong is made wrong, and the doctor has to find it and say what to do.
#include "fixture.h"

#include <audiostore/credentials_chain.h>

#include <nlohmann/json.hpp>

namespace cli::doctor {
namespace {

using namespace std::chrono_literals;

/// A clock that runs, but is `off` by so much.
class WrongClock final : public Clock {
 public:
  explicit WrongClock(std::chrono::seconds off) : off_(off) {}
  [[nodiscard]] TimePoint now() const override { return system_clock()->now() + off_; }

 private:
  std::chrono::seconds off_;
};

}  // namespace

TEST_CASE("the doctor finds nothing wrong with a bucket that is as it should be") {
  Clinic clinic;
  int requests = 0;
  clinic.meddle([&](const HttpRequest&) -> std::optional<Result<Meddler::Reply>> {
    ++requests;
    return std::nullopt;
  });
  const Findings findings = clinic.examine();
  INFO(text_of(findings));
  CHECK(worst(findings) == Status::ok);
  CHECK(requests <= 20);  // as docs/COST.md says
  CHECK(says(of(findings, "credentials").found, "DOCT..., secret hidden, from a test"));
  CHECK(says(of(findings, "write").found, "users/audiostore-doctor-"));
  CHECK(says(of(findings, "presign").found, "signed URL"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("findings are told as soon as they are there, and in the same order") {
  Clinic clinic;
  Findings told;
  const Findings findings = examine(clinic.subject, [&](const Finding& finding) { told.push_back(finding); });
  CHECK(text_of(told) == text_of(findings));
  CHECK(told.size() > 20);
}

TEST_CASE("a wrong secret: SignatureDoesNotMatch, and the secret is what to look at") {
  Clinic clinic;
  clinic.sign_with(access_key, "another-secret");
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "signature");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "SignatureDoesNotMatch"));
  CHECK(says(finding.remedy, "enter the secret access key anew"));
  CHECK(says(finding.remedy, "the clock is right"));
  CHECK(of(findings, "write").status == Status::skipped);
  CHECK(says(of(findings, "bucket").found, "'signature' has to go well first"));
  CHECK(of(findings, "clock").status == Status::ok);
  CHECK(!says(text_of(findings), "another-secret"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("SignatureDoesNotMatch behind a proxy names the proxy") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (!is_signed(request)) return std::nullopt;
    Meddler::Reply reply = refusal(403, "SignatureDoesNotMatch");
    reply.headers = {{"Via", "1.1 office-proxy"}};
    return reply;
  });
  CHECK(says(of(clinic.examine(), "signature").remedy, "the proxy in between (1.1 office-proxy)"));
}

TEST_CASE("a wrong access key") {
  Clinic clinic;
  clinic.sign_with("AKIAWRONGWRONG", secret_key);
  const Finding finding = of(clinic.examine(), "signature");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "InvalidAccessKeyId"));
  CHECK(says(finding.remedy, "check that the key belongs to this service"));
  CHECK(says(finding.remedy, "AKIA..."));
  CHECK(!says(finding.remedy, "AKIAW"));
}

TEST_CASE("a wrong bucket") {
  Clinic clinic;
  clinic.subject.options.bucket = "recordinsg";
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "bucket");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "NoSuchBucket"));
  CHECK(says(finding.remedy, "create the bucket 'recordinsg', or correct its name"));
  CHECK(!says(finding.remedy, "jurisdiction"));
  clinic.subject.options.provider = S3Provider::r2;
  CHECK(says(of(clinic.examine(), "bucket").remedy, "a bucket with a jurisdiction"));
  CHECK(of(findings, "signature").status == Status::ok);
  CHECK(of(findings, "write").status == Status::skipped);
}

TEST_CASE("a wrong region is found although the library puts it right by itself") {
  Clinic clinic;
  clinic.subject.options.region = "eu-central-1";
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "region");
  CHECK(finding.status == Status::problem);
  CHECK(finding.found == "the bucket is in region 'us-east-1', not in 'eu-central-1'");
  CHECK(says(finding.remedy, "set AWS_REGION, or --region, to us-east-1"));
  CHECK(of(findings, "write").status == Status::ok);
  CHECK(of(findings, "presign").status == Status::ok);
  CHECK(clinic.left() == 0);
}

TEST_CASE("a clock that is two hours behind is found although the library puts it right by itself") {
  Clinic clinic;
  clinic.subject.options.clock = std::make_shared<WrongClock>(-2h);
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "clock");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "behind the service's"));
  CHECK(says(finding.remedy, "set this machine's clock"));
  CHECK(of(findings, "presign").status == Status::ok);
  CHECK(clinic.left() == 0);
}

TEST_CASE("a clock that is ten minutes ahead is a warning") {
  Clinic clinic;
  clinic.subject.options.clock = std::make_shared<WrongClock>(10min);
  const Finding finding = of(clinic.examine(), "clock");
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.found, "ahead of the service's"));
}

TEST_CASE("a clock in another year: the signature is refused for it, whatever the secret") {
  Clinic clinic;
  clinic.subject.options.clock = std::make_shared<WrongClock>(24h * 400);
  const Findings findings = clinic.examine();
  CHECK(of(findings, "clock").status == Status::problem);
  const Finding finding = of(findings, "signature");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.remedy, "set this machine's clock"));
}

TEST_CASE("no credentials: not configured, and where to configure them") {
  Clinic clinic;
  CredentialsChainOptions nowhere{.endpoint = clinic.subject.options.endpoint};
  nowhere.context.environment = [](std::string_view) { return std::nullopt; };
  clinic.subject.options.credentials = make_default_credentials(nowhere);
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "credentials");
  CHECK(finding.status == Status::problem);
  CHECK(finding.found.starts_with("S3 credentials not configured"));
  CHECK(says(finding.remedy, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  CHECK(of(findings, "service").status == Status::ok);
  CHECK(of(findings, "signature").status == Status::skipped);
  CHECK(of(findings, "write").found == "'credentials' has to go well first");
  CHECK(not_run_text(findings) ==
        "skipped  signature, bucket, list, write, region, read, presign, public, cors, delete, uploads, lifecycle, "
        "quirks: "
        "'credentials' has to go well first");
}

TEST_CASE("temporary credentials that end soon are a warning") {
  Clinic clinic;
  clinic.subject.options.credentials = static_credentials({.access_key_id = access_key,
                                                           .secret_access_key = Secret(secret_key),
                                                           .expires_at = system_clock()->now() + 10min});
  const Finding finding = of(clinic.examine(), "credentials");
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.found, "good for 9 min"));
}

TEST_CASE("Access Denied names the permission and has a policy to paste") {
  struct Case {
    const char* check;
    const char* method;
    const char* action;
  };
  const auto denied = GENERATE(Case{"write", "PUT", "s3:PutObject"}, Case{"read", "GET", "s3:GetObject"},
                               Case{"delete", "DELETE", "s3:DeleteObject"});
  Clinic clinic;
  clinic.meddle([&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    const bool it_is =
        request.method == denied.method && is_probe(request) && find_header(request.headers, "Authorization");
    if (it_is) return refusal(403, "AccessDenied");
    return std::nullopt;
  });
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, denied.check);
  INFO(text_of(findings));
  CHECK(finding.status == Status::problem);
  CHECK(finding.found.starts_with("Access Denied"));
  CHECK(says(finding.remedy, denied.action));
  const auto policy = nlohmann::json::parse(finding.paste);
  CHECK(says(policy.dump(), denied.action));
  CHECK(policy["Statement"][0]["Resource"] == "arn:aws:s3:::recordings/users/*");
  CHECK(says(finding.remedy, "answered with 403, not 404"));  // by the policy's condition
  const bool cannot_remove = std::string_view(denied.check) == "delete";
  CHECK(clinic.left() == (cannot_remove ? 1U : 0U));
  CHECK(says(text_of(findings), "is still there: remove it by hand") == cannot_remove);
}

TEST_CASE("the policy is for the region where Amazon refused") {
  Clinic clinic;
  clinic.subject.options.provider = S3Provider::aws;
  clinic.subject.options.region = "cn-north-1";
  clinic.subject.prefix.clear();
  clinic.meddle(
      [&](const HttpRequest&) { return std::optional<Result<Meddler::Reply>>(refusal(403, "AccessDenied")); });
  const Finding finding = of(clinic.examine(), "write");
  INFO(finding.found);
  CHECK(says(finding.paste, "arn:aws-cn:s3:::recordings/*"));
  CHECK_FALSE(says(finding.remedy, "404"));
}

TEST_CASE("an object that is gone is told by 403 to those who may not list the whole bucket") {
  Clinic clinic;
  clinic.meddle([&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method == "HEAD" && is_probe(request)) return refusal(403, "AccessDenied");
    return std::nullopt;
  });
  const Finding finding = of(clinic.examine(), "delete");
  CHECK(finding.status == Status::ok);
  CHECK(says(finding.found, "told by 403, not 404"));
  CHECK(clinic.left() == 0);
}

TEST_CASE("who may not list may still write, read and remove") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (is_signed(request) && says(request.url, "list-type=2")) return refusal(403, "AccessDenied");
    return std::nullopt;
  });
  const Findings findings = clinic.examine();
  CHECK(of(findings, "signature").status == Status::ok);
  CHECK(says(of(findings, "list").remedy, "s3:ListBucket"));
  CHECK(of(findings, "write").status == Status::ok);
  CHECK(of(findings, "delete").status == Status::ok);
  CHECK(clinic.left() == 0);
}

TEST_CASE("on R2 the remedy for Access Denied is the token's permission") {
  Clinic clinic;
  clinic.subject.options.provider = S3Provider::r2;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method == "PUT") return refusal(403, "AccessDenied");
    return std::nullopt;
  });
  const Finding finding = of(clinic.examine(), "write");
  CHECK(says(finding.remedy, "'Object Read & Write'"));
  CHECK(finding.paste.empty());
}

TEST_CASE("R2's words for a token in the place of a key are understood") {
  Clinic clinic;
  clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (!is_signed(request)) return std::nullopt;
    return Meddler::Reply{.status = 400,
                          .body =
                              "<Error><Code>InvalidArgument</Code><Message>Credential access key has length 40, "
                              "should be 32</Message></Error>"};
  });
  CHECK(says(of(clinic.examine(), "signature").remedy, "not the token itself"));
}

TEST_CASE("the probe object is gone, whatever happens in between") {
  Clinic clinic;
  std::stop_source stop;
  clinic.subject.stop = stop.get_token();
  auto network = make_curl_transport().value();
  const auto lose_reply = [&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method != "PUT") return std::nullopt;
    must(network->send(request, [](const HttpResponse&) -> Result<ByteSink> {
      return ByteSink([](ByteSpan) { return Result<void>(); });
    }));
    return Result<Meddler::Reply>(Error(ErrorCode::unavailable, "the reply is lost"));
  };
  const auto stop_at_presign = [&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (!says(request.url, "X-Amz-Signature")) return std::nullopt;
    stop.request_stop();
    return Result<Meddler::Reply>(Error(ErrorCode::cancelled, "the caller asked to stop"));
  };
  const auto stop_at_get = [&](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
    if (request.method == "GET" && is_probe(request)) stop.request_stop();
    return std::nullopt;
  };
  SECTION("the reply to the put is lost") {
    clinic.meddle(lose_reply);
    const Findings findings = clinic.examine();
    CHECK(of(findings, "write").status == Status::problem);
    CHECK(of(findings, "delete").status == Status::skipped);
  }
  SECTION("Ctrl-C") {
    clinic.meddle(stop_at_get);
    const Findings findings = clinic.examine();
    CHECK(of(findings, "delete").found == "stopped before");
  }
  SECTION("Ctrl-C is no problem of the service") {
    clinic.meddle(stop_at_presign);
    const Findings findings = clinic.examine();
    CHECK(of(findings, "presign").found == "stopped before");
    CHECK(worst(findings) < Status::problem);
  }
  SECTION("a check throws") {
    clinic.meddle([](const HttpRequest& request) -> std::optional<Result<Meddler::Reply>> {
      if (request.method == "OPTIONS") throw std::runtime_error("thrown by the test");
      return std::nullopt;
    });
    CHECK_THROWS_AS(clinic.examine(), std::runtime_error);
  }
  CHECK(clinic.left() == 0);
}

TEST_CASE("settings that cannot work are told before anything is sent") {
  Clinic clinic;
  S3Options& options = clinic.subject.options;
  options.provider.reset();
  clinic.meddle([](const HttpRequest&) -> std::optional<Result<Meddler::Reply>> {
    FAIL("nothing should be sent");
    return std::nullopt;
  });
  const auto remedy_for = [&](const std::string& endpoint) {
    options.endpoint = endpoint;
    const Findings findings = clinic.examine();
    CHECK(of(findings, "settings").status == Status::problem);
    CHECK(of(findings, "dns").status == Status::skipped);
    return of(findings, "settings").remedy;
  };
  CHECK(says(remedy_for("https://dash.cloudflare.com"), "ACCOUNT_ID.r2.cloudflarestorage.com"));
  CHECK(says(remedy_for("https://pub-1.r2.dev"), "address of a public bucket"));
  CHECK(says(remedy_for("https://a1.r2.cloudflarestorage.com/recordings"), "leave the bucket's name out"));
  CHECK(says(remedy_for("https://recordings.s3.eu-west-1.amazonaws.com"), "leave the bucket's name out"));
  CHECK(says(remedy_for("https://abc.supabase.co"), "/storage/v1/s3"));
  CHECK(says(remedy_for("http://storage.example"), "https://"));
  clinic.subject.bad_provider = "AUDIOSTORE_PROVIDER";
  CHECK(says(remedy_for("https://storage.example"), "--help lists"));
  clinic.subject.bad_provider.clear();
  options.bucket = "b";
  CHECK(says(remedy_for("http://127.0.0.1:1"), "correct what the message names"));
  options.bucket = "recordings";
  CHECK(says(remedy_for("storage.example"), "correct what the message names"));
  options.region.clear();
  CHECK(says(remedy_for(""), "name the region"));
  options.bucket.clear();
  CHECK(says(remedy_for(""), "--bucket"));
}

TEST_CASE("the addressing style is told") {
  Clinic clinic;
  CHECK(of(clinic.examine(), "addressing").found == "the bucket is part of the path");
  clinic.subject.options.addressing = AddressingStyle::virtual_host;
  clinic.subject.options.endpoint = "https://storage.invalid";
  const Findings findings = clinic.examine();
  CHECK(of(findings, "addressing").found == "the bucket is part of the host: recordings.storage.invalid");
  CHECK(says(of(findings, "dns").remedy, "the bucket's name is part of this host"));
}

TEST_CASE("a finding as text and as JSON, and the counts") {
  Finding finding = problem("it is broken", "mend it", "{\n}");
  finding.check = "thing";
  CHECK(to_text(finding) ==
        "problem  thing        it is broken\n"
        "                   -> mend it\n"
        "                      {\n"
        "                      }");
  CHECK(to_json(finding) == nlohmann::json{{"check", "thing"},
                                           {"status", "problem"},
                                           {"found", "it is broken"},
                                           {"remedy", "mend it"},
                                           {"paste", "{\n}"}});
  CHECK(to_json(ok("fine")) == nlohmann::json{{"check", ""}, {"status", "ok"}, {"found", "fine"}});
  const Findings all{ok("a"), ok("b"), finding};
  CHECK(not_run_text(all).empty());
  CHECK(summary(all) == "2 ok, 0 skipped, 0 warning, 1 problem");
  CHECK(counts(all) == nlohmann::json{{"ok", 2}, {"skipped", 0}, {"warning", 0}, {"problem", 1}});
  CHECK(worst(all) == Status::problem);
}

TEST_CASE("dates of HTTP") {
  CHECK(parse_http_date("Fri, 24 May 2013 00:00:00 GMT") == TimePoint(std::chrono::seconds(1'369'353'600)));
  CHECK(!parse_http_date("yesterday"));
  CHECK(!parse_http_date(""));
}

}  // namespace cli::doctor
