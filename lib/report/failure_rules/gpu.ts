import type { FailureRule } from "../../engines/failure_rule.ts";
import { rule } from "./rule.ts";

/** Drivers, runtimes and devices, by the words of CUDA, NVML, NCCL and torch. */
export const GPU_RULES: readonly FailureRule[] = [
  rule(
    /Driver\/library version mismatch/,
    "The NVIDIA driver was updated while its old kernel module is still loaded.",
    "Reboot, or unload and load the nvidia kernel modules.",
  ),
  rule(
    /CUDA driver version is insufficient|NVIDIA driver on your system is too old|provided PTX was compiled with an unsupported toolchain|cudaErrorInsufficientDriver|forward compatibility was attempted on non supported HW/,
    "The NVIDIA driver is too old for the CUDA version that this program was built with.",
    "Update the driver (nvidia-smi shows the newest CUDA it can do), or install a build for an older CUDA.",
  ),
  rule(
    /no kernel image is available|cudaErrorNoKernelImageForDevice|is not compatible with the current PyTorch installation/,
    "This build holds no code for the compute capability of this GPU.",
    "Install a build that supports this GPU, or take another GPU.",
  ),
  rule(
    /no CUDA-capable device is detected|CUDA-capable device is not detected|Found no NVIDIA driver|No CUDA GPUs are available|cudaErrorNoDevice|CUDA_ERROR_NO_DEVICE|couldn't communicate with the NVIDIA driver/,
    "The program sees no GPU: none is there, its driver is not loaded, or CUDA_VISIBLE_DEVICES hides it.",
    "Compare nvidia-smi with execution.devices; in a container check --gpus all.",
  ),
  rule(
    /invalid device ordinal|cudaErrorInvalidDevice\b|CUDA_ERROR_INVALID_DEVICE/,
    "The program asked for a GPU that is not there.",
    "Compare nvidia-smi -L with execution.devices and with the number of GPUs that the run asks for.",
  ),
  rule(
    /CUDA-capable device\(s\) is\/are busy or unavailable|cudaErrorDevicesUnavailable/,
    "The GPU is held by another process in exclusive mode, or is in a bad state.",
    "See nvidia-smi for who holds it and for its compute mode.",
  ),
  rule(
    /Torch not compiled with CUDA enabled/,
    "The installed torch is the build for CPUs only.",
    "Install the build for your CUDA version; pytorch.org shows the command.",
  ),
  rule(
    /uncorrectable (?:NVLink |ECC )?error|cudaErrorECCUncorrectable|fallen off the bus|GPU is lost|Unable to determine the device handle/i,
    "The GPU has a hardware fault.",
    "Look for Xid lines in dmesg, leave this GPU out (execution.devices), and have it reset or replaced.",
  ),
  rule(
    /illegal memory access was encountered|cudaErrorIllegalAddress|device-side assert triggered|unspecified launch failure|misaligned address/,
    "A GPU kernel did something illegal: a defect of the engine, or token ids or lengths beyond what the model allows.",
    "Check the prompt lengths; run once with CUDA_LAUNCH_BLOCKING=1 in the environment to see where it happens.",
  ),
  rule(
    /NCCL (?:error|failure)|ncclSystemError|ncclUnhandledCudaError|ncclRemoteError|ProcessGroupNCCL.*?(?:timeout|timed out)/i,
    "The GPUs could not talk to each other.",
    "Run once with NCCL_DEBUG=INFO in the environment; check /dev/shm, and the GPUs' links (nvidia-smi topo -m).",
  ),
];
