#include "sim/sweep/mpi_job.h"

#include <dlfcn.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace moeplan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "libmoeplan_mpi.so";

std::optional<std::size_t> number_in(const char* variable) {
    const char* value = std::getenv(variable);
    if (!value) return std::nullopt;
    const std::string_view text = value;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string use_shards(const Launch& launch) {
    return launch.by == "srun" ? "or start a job array whose tasks say --shard $SLURM_ARRAY_TASK_ID/N"
                               : "or start the shards one by one: --shard 1/N … --shard N/N";
}

// Beside the program, or where an installation has it.
Result<void*> load(const Launch& launch) {
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const fs::path& path : {folder / kModule, folder / ".." / "lib" / "moeplan" / kModule}) {
        if (!fs::exists(path, error)) continue;
        // Global: Open MPI's own components look for its symbols.
        if (void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return module;
        const char* why = ::dlerror();
        return fail({{}, {}, fmt::format("MPI cannot be loaded: {}", why ? why : "unknown"), use_shards(launch)});
    }
    return fail({{}, {},
                 fmt::format("{} started {} tasks, but this moeplan was built without MPI", launch.by, launch.tasks),
                 "build it with Open MPI installed (libopenmpi-dev), " + use_shards(launch)});
}

}  // namespace

std::optional<Launch> launched() {
    struct Launcher {
        const char *tasks, *rank, *by;
    };
    constexpr Launcher kLaunchers[] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun"},
                                       {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun"},
                                       {"PMI_SIZE", "PMI_RANK", "mpirun"}};
    for (const Launcher& launcher : kLaunchers) {
        const auto tasks = number_in(launcher.tasks);
        const auto rank = number_in(launcher.rank);
        if (tasks && rank && *tasks > 1 && *rank < *tasks) return Launch{*tasks, *rank, launcher.by};
    }
    return std::nullopt;
}

Result<std::shared_ptr<MpiJob>> join_mpi(const Launch& launch) {
    const auto module = load(launch);
    if (!module) return tl::unexpected(module.error());
    using Join = MpiJob* (*)();
    const auto join = reinterpret_cast<Join>(::dlsym(*module, "moeplan_join_mpi"));
    MpiJob* joined = join ? join() : nullptr;
    if (!joined) return fail({{}, {}, "the MPI job cannot be joined", use_shards(launch)});
    std::shared_ptr<MpiJob> job(joined);
    if (job->size() == launch.tasks) return job;
    const std::size_t size = job->size();
    if (size == 1) job->leave();
    return fail({{}, {}, fmt::format("{} started {} tasks, but MPI sees {}", launch.by, launch.tasks, size),
                 launch.by == "srun" ? "try srun --mpi=pmix, " + use_shards(launch)
                                     : "use the mpirun of the Open MPI this program was built with, " + use_shards(launch)});
}

}  // namespace moeplan
