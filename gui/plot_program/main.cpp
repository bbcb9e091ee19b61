// moeplan-plot REPORT.json --out FOLDER: the pictures of a report, off-screen.

int main() { return 2; }
