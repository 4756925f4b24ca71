// The Content-Types under which clients send forms, and those that only look like one.
#include "http/form_type.h"
#include "service/client.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

using namespace audio_service;

TEST_CASE("a boundary is found however it is written", "[service]") {
  const std::string longest(70, 'x');
  for (const auto& [type, boundary] : std::vector<std::pair<std::string, std::string>>{
           {"multipart/form-data; boundary=X", "X"},
           {"Multipart/Form-Data; Boundary=X", "X"},
           {"MULTIPART/FORM-DATA;BOUNDARY=xY", "xY"},
           {"multipart/form-data ;\tboundary=X ", "X"},
           {"multipart/form-data; boundary=X; charset=utf-8", "X"},
           {"multipart/form-data; charset=utf-8; boundary=X;", "X"},
           {"multipart/form-data; boundary=\"X\"", "X"},
           {"multipart/form-data; boundary=\"a b:?\"; charset=\"utf-8\"", "a b:?"},
           {R"(multipart/form-data; boundary="a\b")", "ab"},
           {"multipart/form-data; note=\"; boundary=no\"; boundary=X", "X"},
           {R"(multipart/form-data; note="\"; boundary=no"; boundary=X)", "X"},
           {"multipart/form-data; boundary=----=_Part(1)", "----=_Part(1)"},
           {"multipart/form-data; boundary=" + longest, longest}}) {
    INFO(type);
    CHECK(form_boundary(type) == boundary);
    CHECK(form_boundary(plain_form_type(type)) == boundary);
  }
}

TEST_CASE("what is no boundary, or no form, is taken for none", "[service]") {
  for (const char* type : {"multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary",
                           "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
                           "multipart/form-data; boundary=\"X", "multipart/form-data; boundary=\"X\"Y",
                           "multipart/form-data; boundary=X; boundary=Y", "multipart/form-data; boundary=X; boundary=",
                           "multipart/form-data; xboundary=X", "multipart/form-data; boundary=\"X \"",
                           "multipart/form-data; boundary=<X>", "multipart/form-data; boundary=\"X\\"}) {
    INFO(type);
    CHECK(form_boundary(type) == "");
  }
  CHECK(form_boundary("multipart/form-data; boundary=" + std::string(71, 'x')) == "");
  for (const char* type : {"", ";", "multipart/form-datax; boundary=X", "multipart/form-dat; boundary=X",
                           "multipart/mixed; boundary=X", "xmultipart/form-data; boundary=X", "audio/wav"}) {
    INFO(type);
    CHECK_FALSE(form_boundary(type));
    CHECK(plain_form_type(type) == type);
  }
}

TEST_CASE("an upload comes in under every spelling of its type, and under no other type", "[service]") {
  const ServiceProcess service;
  const std::string token = service.add_user("alice");
  const std::string project = Client(service, token).make_project();
  const std::string take = audiostore::make_wav(100);
  const auto upload = [&](const std::string& type, std::string_view boundary) {
    return send("POST", service.origin() + "/api/audio/upload",
                make_form({{"projectId", project}, {"recordingId", "r"}}, take, "audio/wav", boundary),
                {{"Authorization", "Bearer " + token}, {"Content-Type", type}});
  };
  for (const auto& [type, boundary] :
       std::vector<std::pair<std::string, std::string>>{{"multipart/form-data; boundary=X", "X"},
                                                        {"Multipart/Form-Data; Boundary=X", "X"},
                                                        {"multipart/form-data; boundary=X; charset=x", "X"},
                                                        {"multipart/form-data; charset=x; boundary=X", "X"},
                                                        {"multipart/form-data; boundary=\"X\"", "X"},
                                                        {"multipart/form-data; boundary=\"X\"; charset=x", "X"},
                                                        {"multipart/form-data; boundary=\"a b\"", "a b"}}) {
    INFO(type);
    CHECK(upload(type, boundary).status == 200);
  }
  CHECK(upload("multipart/form-datax; boundary=X", "X").status == 415);
  CHECK(upload("multipart/mixed; boundary=X", "X").status == 415);
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=X; boundary=Y"}) {
    INFO(type);
    const Answer refused = upload(type, "X");
    CHECK(refused.status == 400);
    CHECK(refused.json()["error"]["message"].get<std::string>().find("boundary") != std::string::npos);
  }
}
