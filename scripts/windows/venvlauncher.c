// The python.exe of a virtual environment, which "python -m venv" copies into it: Python's archives at Maven Central lack theirs.
//
// It reads where the Python is from pyvenv.cfg beside or above itself, and starts that with its own command line. The Python
// finds its environment by __PYVENV_LAUNCHER__, and ends with this process, as it does on Windows.
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#define LONGEST 32767

static wchar_t own[LONGEST], folder[LONGEST], python[LONGEST], line[LONGEST];

// Read the value of "home" in pyvenv.cfg of the folder into `python`.
static int read_home(void) {
    wchar_t file[LONGEST];
    char bytes[LONGEST];
    _snwprintf(file, LONGEST, L"%ls\\pyvenv.cfg", folder);
    FILE *config = _wfopen(file, L"rb");
    if (config == NULL) {
        return 0;
    }
    int found = 0;
    while (!found && fgets(bytes, sizeof bytes, config) != NULL) {
        MultiByteToWideChar(CP_UTF8, 0, bytes, -1, line, LONGEST);
        wchar_t *value = wcschr(line, L'=');
        if (wcsncmp(line, L"home", 4) == 0 && value != NULL) {
            value += 1 + wcsspn(value + 1, L" ");
            value[wcscspn(value, L"\r\n")] = 0;
            wcscpy(python, value);
            found = 1;
        }
    }
    fclose(config);
    return found;
}

int main(void) {
    GetModuleFileNameW(NULL, own, LONGEST);
    wcscpy(folder, own);
    wchar_t *name = wcsrchr(folder, L'\\');
    *name++ = 0;
    const wchar_t *program = _wcsicmp(name, L"pythonw.exe") == 0 ? L"\\pythonw.exe" : L"\\python.exe";
    if (!read_home()) {
        *wcsrchr(folder, L'\\') = 0;
        if (!read_home()) {
            fprintf(stderr, "No pyvenv.cfg\n");
            return 106;
        }
    }
    wcscat(python, program);
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", own);

    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    // What the Python starts may outlive it.
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    HANDLE job = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    // Its streams and its console are ours; Ctrl+C is for it to answer.
    SetConsoleCtrlHandler(NULL, TRUE);
    GetStartupInfoW(&start);
    if (!CreateProcessW(python, GetCommandLineW(), NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &process)) {
        fprintf(stderr, "Unable to create process using '%ls'\n", python);
        return 101;
    }
    AssignProcessToJobObject(job, process.hProcess);
    ResumeThread(process.hThread);
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD code = 101;
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
