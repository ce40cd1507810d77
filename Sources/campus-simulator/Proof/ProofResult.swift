/// What a proof came to.
struct ProofResult {
  var framesSent = 0
  var readingsSent = 0
  var framesAbandoned = 0
  var readingsStored = 0
  /// Readings of abandoned frames that were stored all the same.
  var readingsStoredAbandoned = 0
  var missing = 0
  var repeated = 0
  var foreign = 0
  var altered = 0
  var subjects = 0
  /// A ledger whose run was not stopped cleanly may lack its last lines.
  var ledgersWithoutEnd = 0
  var differences = 0
  var examples: [String] = []

  var isGood: Bool { differences == 0 }

  var text: String {
    var lines = [
      "sent      \(readingsSent) readings in \(framesSent) frames, of which \(framesAbandoned) frames given up",
      "stored    \(readingsStored) readings of \(subjects) subjects",
      "missing \(missing), repeated \(repeated), foreign \(foreign), altered \(altered)",
    ]
    if readingsStoredAbandoned > 0 {
      lines.append("\(readingsStoredAbandoned) readings of frames given up were stored all the same")
    }
    if ledgersWithoutEnd > 0 {
      lines.append("\(ledgersWithoutEnd) ledger without its end: the simulator was not stopped cleanly")
    }
    lines += examples.map { "  " + $0 }
    if differences > examples.count { lines.append("  and \(differences - examples.count) more") }
    lines.append(isGood ? "proven: every reading stored exactly once, and nothing else" : "NOT proven")
    return lines.joined(separator: "\n")
  }

  var json: String {
    let members: [(String, Int)] = [
      ("frames_sent", framesSent), ("readings_sent", readingsSent), ("frames_abandoned", framesAbandoned),
      ("readings_stored", readingsStored), ("readings_stored_abandoned", readingsStoredAbandoned),
      ("missing", missing), ("repeated", repeated), ("foreign", foreign), ("altered", altered),
      ("subjects", subjects), ("differences", differences),
    ]
    var text = ByteText()
    text.append("{\"proven\":")
    if isGood { text.append("true") } else { text.append("false") }
    for (name, value) in members {
      text.append(",")
      text.append(json: name.utf8)
      text.append(":")
      text.append(value)
    }
    text.append(",\"examples\":[")
    for (index, example) in examples.enumerated() {
      if index > 0 { text.append(",") }
      text.append(json: example.utf8)
    }
    text.append("]}")
    return text.string
  }
}
