#pragma once
// A queue that those who were served come back to: the wait in it where few are away, and where all stand in it.

namespace moeplan {

// Mean wait of `population` (at least 1) who are each served in turn for `service`, always as long, and are away for `away`; in the
// unit of these two. Mean value analysis (Reiser, Lavenberg, Journal of the ACM 27(2), 1980): who comes finds what one fewer leave
// there, the one in service half done; never less than keeps the server busy for ever.
double wait_in_closed_queue(double population, double service, double away);

}  // namespace moeplan
