// The whole library but its optional components (local_endpoint.h).
#pragma once

#include <audiostore/access_policy.h>
#include <audiostore/audio.h>
#include <audiostore/audio_key.h>
#include <audiostore/audio_store.h>
#include <audiostore/bytes.h>
#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/credentials_chain.h>
#include <audiostore/environment.h>
#include <audiostore/error.h>
#include <audiostore/file_store.h>
#include <audiostore/headers.h>
#include <audiostore/http.h>
#include <audiostore/memory_store.h>
#include <audiostore/object_key.h>
#include <audiostore/object_store.h>
#include <audiostore/object_writer.h>
#include <audiostore/presigned_post.h>
#include <audiostore/request_metrics.h>
#include <audiostore/retry.h>
#include <audiostore/s3_bucket.h>
#include <audiostore/s3_encryption.h>
#include <audiostore/s3_store.h>
#include <audiostore/transfer.h>
