// The short forms of a request, all by way of `request`: for the client, and for what wraps it.
import type {
  HttpBody,
  HttpClient,
  HttpRequest,
  HttpRequestOptions,
  HttpResponse,
} from './model.ts'

type Url = string | URL

export abstract class HttpVerbs implements HttpClient {
  abstract request(request: HttpRequest): Promise<HttpResponse>

  get(url: Url, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.request({ ...options, url, method: 'GET' })
  }

  post(url: Url, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.request({ ...options, url, method: 'POST', body })
  }

  put(url: Url, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.request({ ...options, url, method: 'PUT', body })
  }

  patch(url: Url, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.request({ ...options, url, method: 'PATCH', body })
  }

  delete(url: Url, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.request({ ...options, url, method: 'DELETE' })
  }
}
