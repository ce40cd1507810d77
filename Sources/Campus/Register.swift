/// The rows of one file by their ids, while the directory is being checked.
struct Register<Element> {
  private struct Entry {
    var line: Int
    /// `nil` for a row that was refused: its id is known all the same, lest one fault raise others.
    var position: Int?
  }

  let file: CampusFile
  /// Whether the file was there and had its columns: only then can a reference into it be called unknown.
  let isComplete: Bool
  private(set) var elements: [Element] = []
  /// Every id, in the order of the file.
  private(set) var ids: [String] = []
  private var entries: [String: Entry] = [:]

  init(_ file: CampusFile, isComplete: Bool) {
    self.file = file
    self.isComplete = isComplete
  }

  /// Enters a row; gives the line on which its id stands already, and then enters nothing.
  mutating func enter(_ id: String, line: Int, _ element: Element?) -> Int? {
    if let entry = entries[id] { return entry.line }
    entries[id] = Entry(line: line, position: element.map { _ in elements.count })
    ids.append(id)
    if let element { elements.append(element) }
    return nil
  }

  func contains(_ id: String) -> Bool { entries[id] != nil }
  func position(of id: String) -> Int? { entries[id]?.position }
  func line(of id: String) -> Int? { entries[id]?.line }
  subscript(id: String) -> Element? { position(of: id).map { elements[$0] } }
}
