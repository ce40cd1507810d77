extension Campus {
  /// No file of a campus directory may be larger: it is read at once.
  static let fileLimitBytes = 512 << 20

  /// Takes the path of a campus directory, gives the campus, or `nil` and every fault in it, sorted by file and line.
  ///
  /// `devices.csv` must be there. Another file that is absent counts as empty, and references into it are not
  /// checked: a directory may hold nothing but devices.
  public static func load(directory: String) -> (campus: Campus?, faults: [CampusFault]) {
    let (campus, _, faults) = loadWithFiles(directory: directory)
    return (campus, faults)
  }

  /// The same with the files' bytes, as they were when the campus was loaded from them.
  public static func loadWithFiles(
    directory: String
  ) -> (campus: Campus?, files: [CampusFile: [UInt8]], faults: [CampusFault]) {
    let (files, refusals) = read(directory: directory)
    // Without the directory there is one fault, not one a file.
    guard let refusals else {
      return (nil, [:], [CampusFault(file: directory, line: 1, problem: .directoryMissing)])
    }
    let (campus, faults) = load(CampusLoader(files, unreadable: Set(refusals.keys)), refusals, directory: directory)
    return (campus, files, faults)
  }

  /// The same for files already in memory; `directory` only names them in faults. `wereAccepted`: by a version that
  /// may have had fewer limits, and what rests on them must stay readable.
  public static func load(
    files: [CampusFile: [UInt8]], directory: String = "", wereAccepted: Bool = false
  ) -> (campus: Campus?, faults: [CampusFault]) {
    load(CampusLoader(files, wereAccepted: wereAccepted), [:], directory: directory)
  }

  private static func load(
    _ loader: CampusLoader, _ refusals: [CampusFile: FileBytes.Refusal], directory: String
  ) -> (campus: Campus?, faults: [CampusFault]) {
    var loader = loader
    let campus = loader.load()
    var faults = loader.faults
    for (file, refusal) in refusals {
      faults.append((file, CSVTable.Fault(line: 1, problem: CampusProblem(refusal))))
    }
    guard faults.isEmpty else {
      return (nil, sorted(faults, directory: directory))
    }
    return (campus, [])
  }

  /// The files of a directory that are there; `nil` refusals if the directory is not.
  private static func read(
    directory: String
  ) -> (files: [CampusFile: [UInt8]], refusals: [CampusFile: FileBytes.Refusal]?) {
    guard FileBytes.isDirectory(directory) else { return ([:], nil) }
    var files: [CampusFile: [UInt8]] = [:]
    var refusals: [CampusFile: FileBytes.Refusal] = [:]
    for file in CampusFile.allCases {
      do throws(FileBytes.Refusal) {
        let path = path(of: file, in: directory)
        files[file] = try FileBytes.contents(of: path, limitBytes: fileLimitBytes)
      } catch {
        if error != .missing { refusals[file] = error }
      }
    }
    return (files, refusals)
  }

  private static func path(of file: CampusFile, in directory: String) -> String {
    if directory.isEmpty { return file.rawValue }
    return directory.hasSuffix("/") ? directory + file.rawValue : "\(directory)/\(file.rawValue)"
  }

  /// By file name, line, and the order in which a row's faults were found.
  private static func sorted(
    _ faults: [(file: CampusFile, fault: CSVTable.Fault)], directory: String
  ) -> [CampusFault] {
    let order = faults.indices.sorted { left, right in
      (faults[left].file.rawValue, faults[left].fault.line, left)
        < (faults[right].file.rawValue, faults[right].fault.line, right)
    }
    return order.map { index in
      let (file, fault) = faults[index]
      return CampusFault(
        file: path(of: file, in: directory), line: fault.line, problem: fault.problem)
    }
  }
}

extension CampusProblem {
  fileprivate init(_ refusal: FileBytes.Refusal) {
    self =
      switch refusal {
      case .missing: .fileMissing
      case .unreadable(let reason): .fileUnreadable(reason: reason)
      case .tooLarge: .fileTooLarge(limitBytes: Campus.fileLimitBytes)
      }
  }
}
