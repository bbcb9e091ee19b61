// NVML on the host: a clock of 1410 MHz, held down by the power cap.

#include <cstring>

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char*, void** device) {
    static char one;
    *device = &one;
    return 0;
}
int nvmlDeviceGetClockInfo(void*, unsigned, unsigned* mhz) {
    *mhz = 1410;
    return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* why) {
    *why = 0x4;
    return 0;
}
int nvmlSystemGetDriverVersion(char* text, unsigned bytes) {
    std::strncpy(text, "999.1", bytes);
    return 0;
}
}
