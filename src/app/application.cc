#include "app/application.h"

#include <thread>

#include "adapters/embedded/data_lock.h"
#include "adapters/embedded/file_object_store.h"
#include "adapters/embedded/sqlite_metadata_store.h"
#include "app/janitor_runner.h"
#include "app/secrets.h"
#include "handlers/service_api.h"
#include "imaging/worker_pool.h"
#include "services/completion_queue.h"
#include "telemetry/log.h"

namespace tintype {
namespace {

constexpr std::size_t kCompletionQueue = 10'000;
// What a completer may need beyond its deadline, which bounds no work of the stores.
constexpr seconds kStoringTime{30};

unsigned cores() { return std::max(1u, std::thread::hardware_concurrency()); }

SandboxPolicy sandbox_policy(SandboxMode mode) {
  switch (mode) {
    case SandboxMode::required: return SandboxPolicy::required;
    case SandboxMode::off: return SandboxPolicy::off;
    case SandboxMode::auto_: break;
  }
  return SandboxPolicy::automatic;
}

RenderPolicy render_policy(const Settings& settings) {
  RenderPolicy policy;
  switch (settings.imaging.quality) {
    case ImagingQuality::fast: policy.quality = QualityMode::fast; break;
    case ImagingQuality::balanced: policy.quality = QualityMode::balanced; break;
    case ImagingQuality::best: policy.quality = QualityMode::best; break;
  }
  policy.color = settings.imaging.color == ImagingColor::srgb ? ColorMode::srgb : ColorMode::keep;
  return policy;
}

void log_loss(const WorkerLoss& loss) {
  log_warn(
      "an imaging worker was lost",
      {{"signal", loss.signal}, {"timed_out", loss.timed_out}, {"file_bytes", loss.file_bytes}});
}

WorkerPoolOptions worker_options(const Settings& settings, BackgroundWork background) {
  WorkerPoolOptions options;
  options.lazy = background == BackgroundWork::no;
  options.workers = settings.imaging.workers > 0 ? settings.imaging.workers : cores();
  options.sandbox = sandbox_policy(settings.imaging.sandbox);
  options.worker_memory = settings.imaging.memory;
  options.job_timeout = settings.imaging.timeout;
  auto whole_seconds = std::chrono::ceil<seconds>(settings.imaging.timeout);
  options.cpu_seconds = static_cast<std::uint32_t>(whole_seconds.count());
  options.queue = settings.imaging.queue;
  options.memory_budget = settings.imaging.memory_budget;
  options.policy = render_policy(settings);
  options.on_loss = log_loss;
  return options;
}

std::string describe_sandbox(const WorkerPool& pool) {
  if (pool.stats().started == 0) return "unknown: no image was processed yet";
  switch (pool.sandbox_status()) {
    case SandboxStatus::active: return "active";
    case SandboxStatus::refused: return "refused: " + pool.sandbox_reason();
    case SandboxStatus::off: break;
  }
  return "off";
}

// The time of a whole job, and as much to wait for its worker: a job that is cut short says nothing
// about its file and has to be done again.
milliseconds background_timeout(const Settings& settings) {
  const milliseconds job = settings.imaging.timeout;
  return job + std::max<milliseconds>(seconds(30), job);
}

// Names the settings that make other pictures, so that those of other settings are not served.
std::string engine_name(const RenderPolicy& policy) {
  return std::to_string(static_cast<int>(policy.quality)) + "," +
         std::to_string(static_cast<int>(policy.color));
}

Result<RenditionPolicy> rendition_policy(const Settings& settings, BackgroundWork background) {
  const auto& renditions = settings.renditions;
  RenditionPolicy policy;
  policy.variants = TRY(RenditionVariants::parse(renditions.variants, renditions.ladder));
  policy.engine = engine_name(render_policy(settings));
  policy.memory_cache = renditions.memory_cache;
  policy.store = renditions.store;
  policy.max_per_image = renditions.max_per_image;
  policy.avif_at_once = renditions.avif_at_once;
  policy.background_timeout = background_timeout(settings);
  policy.in_background = background == BackgroundWork::yes;
  policy.at_once = std::max(1u, settings.server.blocking_threads * 3 / 4);
  return policy;
}

ApiConfig api_config(const Settings& settings, const std::string& public_url,
                     const Secrets& secrets) {
  ApiConfig config;
  config.public_url = public_url;
  config.cursor_secret = secrets.cursor_secret;
  config.cors_origins = settings.cors.origins;
  config.authentication =
      settings.auth.mode == AuthMode::none ? AuthenticationMode::none : AuthenticationMode::jwt;
  config.log_requests = settings.log.requests;
  config.object_credentials = secrets.object_credentials;
  return config;
}

JanitorSchedule janitor_schedule(const Settings& settings) {
  JanitorSchedule schedule;
  schedule.interval = settings.janitor.interval;
  schedule.reconcile_interval = settings.janitor.reconcile_interval;
  schedule.policy = {settings.janitor.min_age, settings.janitor.repair};
  return schedule;
}

void log_start(const Settings& settings, const WorkerPool& pool) {
  if (pool.stats().started == 0) return;  // nothing is known about it yet
  bool confined = pool.sandbox_status() == SandboxStatus::active;
  log_info("started", {{"data", settings.data},
                       {"sandbox", confined},
                       {"heic", pool.has_heic()},
                       {"version", TINTYPE_VERSION}});
  if (!confined && settings.imaging.sandbox != SandboxMode::off)
    log_warn("imaging workers run without a system call filter",
             {{"reason", pool.sandbox_reason()}});
}

}  // namespace

// Members are destroyed in reverse: first what works in the background, then what it works on, and
// the lock on the data folder last.
struct Application::Parts {
  SystemClock clock;
  SystemRandom random;
  std::optional<DataLock> lock;
  std::unique_ptr<SqliteMetadataStore> metadata;
  std::unique_ptr<FileObjectStore> objects;
  std::unique_ptr<WorkerPool> images;
  std::optional<ServiceContext> services;
  std::optional<ApiContext> api_context;
  std::optional<ServiceApi> api;
  std::optional<CompletionQueue> completions;
  std::optional<JanitorRunner> janitor;

  Result<Secrets> open_stores(const Settings& settings, const std::string& public_url) {
    lock = TRY(DataLock::acquire(settings.data));
    auto secrets = TRY(load_or_create_secrets(settings.data, random));
    FileObjectStoreOptions files;
    files.root = settings.data;
    files.presigner = {public_url, settings.s3.bucket, secrets.object_credentials};
    objects = TRY(FileObjectStore::create(std::move(files)));
    SqliteMetadataStore::Options records;
    records.folder = settings.data;
    metadata = TRY(SqliteMetadataStore::create(records));
    return secrets;
  }

  Result<void> wire(const Settings& settings, const std::string& public_url, const Secrets& secrets,
                    BackgroundWork background) {
    UploadPolicy upload;
    upload.url_ttl = settings.upload.url_ttl;
    upload.expires_after = settings.upload.expires_after;
    upload.background_timeout = background_timeout(settings);
    upload.lease = std::max<milliseconds>(kRequestBudget, upload.background_timeout) + kStoringTime;
    auto renditions = TRY(rendition_policy(settings, background));
    services.emplace(ServiceContext{*metadata,
                                    *objects,
                                    *images,
                                    clock,
                                    random,
                                    settings.limits,
                                    upload,
                                    {settings.trash.retention},
                                    std::move(renditions)});
    // The lock says that nobody else is there: the leases are those of a process that was killed.
    TRY(release_leases(*services));
    ApiConfig config = api_config(settings, public_url, secrets);
    config.sandbox = describe_sandbox(*images);
    api_context.emplace(ApiContext{*services, std::move(config), [this](const ImageId& id) {
                                     if (completions) completions->push(id);
                                   }});
    api.emplace(*api_context);
    return {};
  }

  void start_background_work(const Settings& settings) {
    completions.emplace(*services, images_at_once(settings), kCompletionQueue);
    janitor.emplace(*services, *completions, janitor_schedule(settings));
  }

  // One more than there are workers, so that a worker need not wait for the next file to be read.
  static std::size_t images_at_once(const Settings& settings) {
    return worker_options(settings, BackgroundWork::yes).workers + 1;
  }
};

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::create(const Settings& settings,
                                                         const std::string& public_url,
                                                         BackgroundWork background) {
  auto parts = std::make_unique<Parts>();
  auto secrets = TRY(parts->open_stores(settings, public_url));
  parts->images = TRY(WorkerPool::create(worker_options(settings, background)));
  TRY(parts->wire(settings, public_url, secrets, background));
  if (background == BackgroundWork::yes) parts->start_background_work(settings);
  log_start(settings, *parts->images);
  return std::unique_ptr<Application>(new Application(std::move(parts)));
}

HttpApi& Application::api() { return *parts_->api; }
const ServiceContext& Application::services() const { return *parts_->services; }
void Application::set_public_url(const std::string& url) {
  parts_->api_context->config.public_url = url;
}

}  // namespace tintype
