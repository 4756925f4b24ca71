#include "s3/provider.h"

#include <catch2/catch.hpp>

using namespace audiostore;

TEST_CASE("providers are recognised by their hosts, and by nothing that only looks like them") {
  CHECK(provider_of_host("s3.eu-west-1.amazonaws.com") == S3Provider::aws);
  CHECK(provider_of_host("s3.cn-north-1.amazonaws.com.cn") == S3Provider::aws);
  CHECK(provider_of_host("acc.eu.r2.cloudflarestorage.com") == S3Provider::r2);
  CHECK(provider_of_host("ref.storage.supabase.co") == S3Provider::supabase);
  CHECK(provider_of_host("s3.us-west-004.backblazeb2.com") == S3Provider::b2);
  CHECK(provider_of_host("s3.eu-central-1.wasabisys.com") == S3Provider::wasabi);
  CHECK(provider_of_host("nyc3.digitaloceanspaces.com") == S3Provider::spaces);
  CHECK(provider_of_host("storage.googleapis.com") == S3Provider::gcs);
  CHECK(provider_of_host("localhost") == S3Provider::other);
  CHECK(provider_of_host("amazonaws.com.evil.example") == S3Provider::other);
  CHECK(provider_of_host("evilamazonaws.com") == S3Provider::other);
}

TEST_CASE("every provider has a row") {
  for (const auto provider :
       {S3Provider::aws, S3Provider::r2, S3Provider::supabase, S3Provider::minio, S3Provider::ceph, S3Provider::b2,
        S3Provider::wasabi, S3Provider::spaces, S3Provider::gcs, S3Provider::local, S3Provider::other}) {
    CHECK(profile_of(provider).provider == provider);
    CHECK(profile_of(provider).batch_delete_max <= 1000);
  }
}
