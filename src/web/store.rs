//! Files in the browser's private storage for this site (OPFS), written in the worker: each whole, under a name of its own.

use js_sys::{Function, IteratorNext};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemSyncAccessHandle, StorageManager, WorkerGlobalScope,
};

use super::js;

/// A folder of the storage. Sites of one host share a storage: each has a folder named by its address.
pub(super) struct Store {
    folder: FileSystemDirectoryHandle,
}

impl Store {
    /// `None`: this browser, or this window of it, keeps nothing.
    pub(super) async fn open() -> Option<Self> {
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let storage: StorageManager = present(&scope.navigator(), "storage")?.unchecked_into();
        present(&storage, "getDirectory")?.dyn_into::<Function>().ok()?;
        let root: FileSystemDirectoryHandle = finished(storage.get_directory()).await.ok()?.unchecked_into();
        let address = scope.location().pathname();
        let site = address.rsplit_once('/').map_or("", |(site, _)| site);
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let name = format!("lookalike{}", String::from(js_sys::encode_uri_component(site)));
        let folder = finished(root.get_directory_handle_with_options(&name, &options)).await.ok()?;
        Some(Self { folder: folder.unchecked_into() })
    }

    /// The names of its files, sorted.
    pub(super) async fn names(&self) -> Vec<String> {
        let (mut names, all) = (Vec::new(), self.folder.keys());
        while let Ok(next) = all.next() {
            let Ok(next) = JsFuture::from(next).await else { break };
            let next: IteratorNext = next.unchecked_into();
            match next.value().as_string() {
                Some(name) if !next.done() => names.push(name),
                _ => break,
            }
        }
        names.sort();
        names
    }

    pub(super) async fn read(&self, name: &str) -> Option<Vec<u8>> {
        let handle: FileSystemFileHandle = finished(self.folder.get_file_handle(name)).await.ok()?.unchecked_into();
        let file: Blob = finished(handle.get_file()).await.ok()?.unchecked_into();
        js::bytes(&file).await.ok()
    }

    /// `None`: there is no room, or this browser does not let a worker write. Nothing is left behind then.
    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Option<()> {
        let written = self.try_to_write(name, bytes).await;
        if written.is_none() {
            self.remove(name).await;
        }
        written
    }

    async fn try_to_write(&self, name: &str, bytes: &[u8]) -> Option<()> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = finished(self.folder.get_file_handle_with_options(name, &options)).await.ok()?;
        let file: FileSystemFileHandle = file.unchecked_into();
        present(&file, "createSyncAccessHandle")?;
        let access: FileSystemSyncAccessHandle =
            finished(file.create_sync_access_handle()).await.ok()?.unchecked_into();
        let written = access.truncate_with_u32(0).and_then(|()| access.write_with_u8_array(bytes));
        let flushed = access.flush();
        access.close();
        (written.ok()? as usize == bytes.len() && flushed.is_ok()).then_some(())
    }

    pub(super) async fn remove(&self, name: &str) {
        let _ = finished(self.folder.remove_entry(name)).await;
    }
}

async fn finished(promise: js_sys::Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

fn present(of: &JsValue, name: &str) -> Option<JsValue> {
    Some(js::property(of, name)).filter(|value| !value.is_undefined())
}
